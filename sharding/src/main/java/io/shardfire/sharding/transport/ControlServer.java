package io.shardfire.sharding.transport;

import io.netty.channel.Channel;
import io.shardfire.sharding.wire.WireCodec;
import io.shardfire.sharding.wire.WireException;
import java.nio.ByteBuffer;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
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
  private final Supplier<String> word;
  private final ThreadPoolExecutor thread;
  private final Endpoint endpoint;

  private ControlServer(
      NetworkConfiguration configuration, Consumer<ControlMessage> handler, Supplier<String> word) {
    this.handler = handler;
    this.word = word;
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
    return start(configuration, handler, () -> "");
  }

  /**
   * Listens, and has a word for the ranks, who do not listen: it goes with every acknowledgement.
   *
   * @param word asked after the handler has returned; empty while there is nothing to say
   */
  public static ControlServer start(
      NetworkConfiguration configuration, Consumer<ControlMessage> handler, Supplier<String> word) {
    return new ControlServer(configuration, handler, word);
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

  private void handle(ControlMessage message, Channel channel, RpcResponseCallback callback) {
    ByteBuffer reply;
    try {
      handler.accept(message);
      reply = Reply.acceptedWith(word.get());
    } catch (RuntimeException e) {
      LOG.warn(
          "The handler failed on a report: kind={}, rank={}, generation={}",
          message.kind(),
          message.rank(),
          message.generation(),
          e);
      reply = Reply.refused("The handler failed: " + e);
    }
    answer(channel, callback, reply);
  }

  /** On the channel's thread, where nobody can close it between the look and the answer. */
  private static void answer(Channel channel, RpcResponseCallback callback, ByteBuffer reply) {
    try {
      channel
          .eventLoop()
          .execute(
              () -> {
                if (channel.isActive()) {
                  callback.onSuccess(reply);
                }
              });
    } catch (RejectedExecutionException e) {
      LOG.debug("Nobody waits for the answer, for this server has been closed", e);
    }
  }

  private final class Receiver extends ReplyHandler {
    /** The largest report in its message of the transport. */
    private static final int FRAME_BYTES = MessageGate.HEADER_BYTES + ControlMessage.MAX_BYTES;

    private final ThreadLocal<WireCodec> codecs = ThreadLocal.withInitial(ControlMessage::codec);

    @Override
    public void receive(TransportClient client, ByteBuffer bytes, RpcResponseCallback callback) {
      Channel channel = client.getChannel();
      Newcomer newcomer = Newcomer.of(channel);
      try {
        Object message = codecs.get().decode(bytes);
        if (message instanceof ControlMessage report && newcomer == null) {
          thread.execute(() -> handle(report, channel, callback));
        } else if (message instanceof ControlHello && newcomer != null) {
          newcomer.joined(FRAME_BYTES);
          callback.onSuccess(Reply.accepted());
        } else {
          throw new WireException(
              "A connection says once that it is a rank's, and sends reports after that");
        }
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
