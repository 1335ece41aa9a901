package io.shardfire.sharding.transport;

import java.util.ArrayDeque;
import java.util.Queue;
import org.apache.spark.network.client.TransportClient;

/**
 * This rank's connection to one peer. Everything but {@code send} and {@code close} is for the
 * sending thread only.
 */
final class PeerLink {
  private final int rank;
  private final PeerAddress address;
  private final TransportClient client;
  private final Sender sender;
  private final Queue<Transfer> transfers = new ArrayDeque<>();
  private int inFlight;

  PeerLink(int rank, PeerAddress address, TransportClient client, Sender sender) {
    this.rank = rank;
    this.address = address;
    this.client = client;
    this.sender = sender;
  }

  void send(Notice notice) {
    sender.send(this, notice);
  }

  void send(Transfer transfer) {
    sender.send(this, transfer);
  }

  void close() {
    client.close();
  }

  int rank() {
    return rank;
  }

  TransportClient client() {
    return client;
  }

  Queue<Transfer> transfers() {
    return transfers;
  }

  int inFlight() {
    return inFlight;
  }

  void addInFlight(int chunks) {
    inFlight += chunks;
  }

  @Override
  public String toString() {
    return "Rank " + rank + " at " + address;
  }
}
