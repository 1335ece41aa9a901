package io.shardfire.sharding.transport;

import java.nio.ByteBuffer;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;

/** Refuses every message. The base of the handlers that take some. */
class ReplyHandler extends RpcHandler {
  private final StreamManager streams = new OneForOneStreamManager();

  @Override
  public void receive(TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
    callback.onSuccess(Reply.refused("This end of the connection takes no messages"));
  }

  @Override
  public final StreamManager getStreamManager() {
    return streams;
  }
}
