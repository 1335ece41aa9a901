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
  private Queue<OutgoingChunk> slots;
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

  /** Sends chunks through shared memory from now on; before anything is sent. */
  void share(Queue<OutgoingChunk> all) {
    slots = all;
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

  PeerAddress address() {
    return address;
  }

  /** Free slots of the memory shared with the peer; null when there is none. */
  Queue<OutgoingChunk> slots() {
    return slots;
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
