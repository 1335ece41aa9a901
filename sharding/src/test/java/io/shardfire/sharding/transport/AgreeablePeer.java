package io.shardfire.sharding.transport;

import java.nio.ByteBuffer;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;

/** Accepts every message and does nothing with it. */
final class AgreeablePeer extends ReplyHandler {
  @Override
  public void receive(TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
    callback.onSuccess(Reply.accepted());
  }
}
