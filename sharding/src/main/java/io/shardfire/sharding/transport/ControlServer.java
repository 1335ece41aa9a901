package io.shardfire.sharding.transport;

import io.shardfire.sharding.wire.WireCodec;
import io.shardfire.sharding.wire.WireException;
import java.nio.ByteBuffer;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver's end of the control channel, over the same transport, Kryo format and authentication
 * as the shards. A report is acknowledged once the handler has returned; when it throws, the
 * sender's {@link ControlClient#send} fails with its message. Thread-safe.
 */
public final class ControlServer implements AutoCloseable {
  /** Reports that may wait for the handler; further ones are refused. */
  private static final int MAX_WAITING = 1024;

  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);

  private final Consumer<ControlMessage> handler;
  private final ThreadPoolExecutor thread;
  private final Endpoint endpoint;

  private ControlServer(NetworkConfiguration configuration, Consumer<ControlMessage> handler) {
    this.handler = handler;
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_WAITING),
            DaemonThread.named("shardfire-control"));
    this.endpoint = Endpoint.listening(configuration, new Receiver());
  }

  /** Listens; {@code handler} is called from one thread, in arrival order. */
  public static ControlServer start(
      NetworkConfiguration configuration, Consumer<ControlMessage> handler) {
    return new ControlServer(configuration, handler);
  }

  /** Where ranks send to. */
  public PeerAddress address() {
    return endpoint.address();
  }

  /** Stops listening; reports that are still waiting for the handler are dropped. */
  @Override
  public void close() {
    endpoint.close();
    thread.shutdownNow();
  }

  private void handle(ControlMessage message, RpcResponseCallback callback) {
    ByteBuffer reply = Reply.accepted();
    try {
      handler.accept(message);
    } catch (RuntimeException e) {
      LOG.warn(
          "The handler failed on a report: kind={}, rank={}, generation={}",
          message.kind(),
          message.rank(),
          message.generation(),
          e);
      reply = Reply.refused("The handler failed: " + e);
    }
    callback.onSuccess(reply);
  }

  private final class Receiver extends ReplyHandler {
    private final ThreadLocal<WireCodec> codecs = ThreadLocal.withInitial(ControlMessage::codec);

    @Override
    public void receive(TransportClient client, ByteBuffer bytes, RpcResponseCallback callback) {
      try {
        if (bytes.remaining() > ControlMessage.MAX_BYTES) {
          throw new WireException(
              "A report is too large: bytes=%d, limit=%d"
                  .formatted(bytes.remaining(), ControlMessage.MAX_BYTES));
        }
        ControlMessage message = (ControlMessage) codecs.get().decode(bytes);
        thread.execute(() -> handle(message, callback));
      } catch (WireException e) {
        LOG.warn("Refused a report from {}: {}", client.getSocketAddress(), e.getMessage());
        callback.onSuccess(Reply.refused(e.getMessage()));
      } catch (RejectedExecutionException e) {
        if (thread.isShutdown()) {
          // Connections outlive the listening socket for a moment; to the sender we are gone.
          client.close();
        } else {
          callback.onSuccess(
              Reply.refused("Too many reports wait for the handler: limit=" + MAX_WAITING));
        }
      }
    }
  }
}
