package io.shardfire.sharding.transport;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;

/** Hears, and never answers. */
final class MutePeer extends ReplyHandler {
  private final CountDownLatch heard;

  MutePeer(CountDownLatch heard) {
    this.heard = heard;
  }

  @Override
  public void receive(TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
    heard.countDown();
  }
}
