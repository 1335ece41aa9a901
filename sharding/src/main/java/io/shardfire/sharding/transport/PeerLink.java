package io.shardfire.sharding.transport;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * This rank's connection to one peer. Everything but {@code send} and {@code close} is for the
 * sending thread only.
 */
final class PeerLink {
  private final int rank;
  private final PeerAddress address;
  private final Connection connection;
  private final Sender sender;
  private final Queue<Transfer> transfers = new ArrayDeque<>();
  private Queue<OutgoingChunk> slots;
  private int inFlight;

  PeerLink(int rank, PeerAddress address, Connection connection, Sender sender) {
    this.rank = rank;
    this.address = address;
    this.connection = connection;
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
    connection.close();
  }

  int rank() {
    return rank;
  }

  Connection connection() {
    return connection;
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
