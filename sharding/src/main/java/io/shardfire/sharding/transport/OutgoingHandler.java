package io.shardfire.sharding.transport;

import org.apache.spark.network.client.TransportClient;

/** For connections that this endpoint opens: it takes answers, and no messages. */
final class OutgoingHandler extends ReplyHandler {
  /** An answer is empty or says why not, in a text that {@link Reply} bounds. */
  private static final int MAX_ANSWER_BYTES = 1 << 16;

  @Override
  public void channelActive(TransportClient client) {
    Pipelines.install(client.getChannel(), MAX_ANSWER_BYTES, MessageGate.ANSWERS);
  }
}
