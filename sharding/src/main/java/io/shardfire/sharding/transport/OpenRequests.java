package io.shardfire.sharding.transport;

import io.netty.channel.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.network.buffer.NioManagedBuffer;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportResponseHandler;
import org.apache.spark.network.protocol.RpcRequest;

/**
 * The requests of one connection of our own that wait for their answers. Each ends exactly once,
 * also when the connection does, and quietly: Spark's client would log every one that a lost peer
 * leaves open, some with a stack trace. Thread-safe.
 */
final class OpenRequests {
  private final Set<Request> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong numbers = new AtomicLong();
  private final Channel channel;
  private final TransportResponseHandler answers;

  OpenRequests(TransportClient client) {
    this.channel = client.getChannel();
    this.answers = client.getHandler();
    // Called before the transport looks what is still open, and writes come to nothing afterwards.
    channel.closeFuture().addListener(closed -> failAll());
  }

  /** Sends; the callback hears of the answer or of the failure, on the channel's thread. */
  void send(ByteBuffer message, RpcResponseCallback callback) {
    Request request = new Request(numbers.incrementAndGet(), callback);
    open.add(request);
    answers.addRpcRequest(request.number, request);
    channel
        .writeAndFlush(new RpcRequest(request.number, new NioManagedBuffer(message)))
        .addListener(
            sent -> {
              if (!sent.isSuccess()) {
                request.onFailure(sent.cause());
              }
            });
  }

  private void failAll() {
    IOException ended = new IOException("The connection has ended: " + channel.remoteAddress());
    for (Request request : List.copyOf(open)) {
      request.onFailure(ended);
    }
  }

  private final class Request implements RpcResponseCallback {
    private final long number;
    private final RpcResponseCallback callback;

    Request(long number, RpcResponseCallback callback) {
      this.number = number;
      this.callback = callback;
    }

    @Override
    public void onSuccess(ByteBuffer response) {
      if (open.remove(this)) {
        callback.onSuccess(response);
      }
    }

    @Override
    public void onFailure(Throwable cause) {
      if (open.remove(this)) {
        answers.removeRpcRequest(number);
        callback.onFailure(cause);
      }
    }
  }
}
