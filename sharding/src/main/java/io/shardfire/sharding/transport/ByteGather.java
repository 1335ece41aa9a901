package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.wire.ByteShare;
import io.shardfire.sharding.wire.PeerMessage;

/** A gather of small messages, which are sent without being asked for. */
final class ByteGather extends Collective {
  private final byte[][] parts;

  ByteGather(NetworkCommunicator communicator, ExchangeKey id, byte[] mine) {
    super(communicator, id);
    parts = new byte[communicator.worldSize()][];
    parts[communicator.rank()] = mine.clone();
    for (int rank = 0; rank < parts.length; rank++) {
      if (rank != communicator.rank()) {
        expect(rank);
        owe(rank);
      }
    }
  }

  /** Sends this rank's part to every peer. */
  void share() {
    int mine = communicator().rank();
    for (int rank = 0; rank < parts.length; rank++) {
      if (rank != mine) {
        ByteShare message = new ByteShare(header(), parts[mine]);
        communicator().link(rank).send(new Notice(this, message, true));
      }
    }
  }

  @Override
  Runnable deliver(int sender, PeerMessage message) {
    if (parts[sender] != null || !(message instanceof ByteShare share)) {
      String reason = "A rank sent its bytes twice, or something else: sender=" + sender;
      fail(reason, null);
      throw new CollectiveException(reason);
    }
    parts[sender] = share.bytes();
    return () -> arrivedFrom(sender);
  }

  @Override
  void finish() {
    finished();
  }

  /** In rank order, after await(). */
  byte[][] parts() {
    return parts;
  }
}
