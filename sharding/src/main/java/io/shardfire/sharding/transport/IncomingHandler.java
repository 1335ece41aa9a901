package io.shardfire.sharding.transport;

import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.server.AbstractAuthRpcHandler;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;

/**
 * Meets a connection that somebody has opened: puts it in its bounds before anything is read, and
 * stands around the authentication, whose failures are the other side's and worth one line.
 */
final class IncomingHandler extends RpcHandler {
  private final RpcHandler inner;
  private final Newcomers newcomers;
  private final NewcomerLimits limits;
  private final int saslBlockBytes;

  /**
   * @param inner the endpoint's own handler, behind that of the authentication if there is one
   */
  IncomingHandler(
      RpcHandler inner, Newcomers newcomers, NewcomerLimits limits, int saslBlockBytes) {
    this.inner = inner;
    this.newcomers = newcomers;
    this.limits = limits;
    this.saslBlockBytes = saslBlockBytes;
  }

  @Override
  public void channelActive(TransportClient client) {
    Channel channel = client.getChannel();
    Pipelines.install(channel, limits.frameBytes(), MessageGate.REQUESTS);
    newcomers.enter(channel);
    inner.channelActive(client);
  }

  @Override
  public void receive(TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
    if (!(inner instanceof AbstractAuthRpcHandler handshake) || handshake.isAuthenticated()) {
      inner.receive(client, message, callback);
      return;
    }
    Channel channel = client.getChannel();
    try {
      inner.receive(client, message, new Refusable(channel, callback));
      FrameDecoder.installForSasl(channel, saslBlockBytes);
    } catch (RuntimeException e) {
      refuse(channel, callback, e);
    }
  }

  /** What the authentication answers, or why it will not. */
  private record Refusable(Channel channel, RpcResponseCallback inner)
      implements RpcResponseCallback {
    @Override
    public void onSuccess(ByteBuffer response) {
      inner.onSuccess(response);
    }

    @Override
    public void onFailure(Throwable cause) {
      refuse(channel, inner, cause);
    }
  }

  private static void refuse(Channel channel, RpcResponseCallback callback, Throwable cause) {
    callback.onFailure(new RefusedException());
    ClosedConnection.close(channel, "it did not authenticate: " + lastMessage(cause));
  }

  private static String lastMessage(Throwable cause) {
    Throwable last = cause;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    return last.getMessage();
  }

  /** Goes to the other side as text, so it has no trace. */
  private static final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RefusedException() {
      super("The authentication was refused", null, false, false);
    }
  }

  @Override
  public void channelInactive(TransportClient client) {
    inner.channelInactive(client);
  }

  @Override
  public void exceptionCaught(Throwable cause, TransportClient client) {
    inner.exceptionCaught(cause, client);
  }

  @Override
  public StreamManager getStreamManager() {
    return inner.getStreamManager();
  }
}
