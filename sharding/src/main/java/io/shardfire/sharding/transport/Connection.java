package io.shardfire.sharding.transport;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;

/** An authenticated connection that this endpoint has opened. Thread-safe. */
final class Connection implements AutoCloseable {
  private final TransportClient client;
  private final OpenRequests requests;

  Connection(TransportClient client) {
    this.client = client;
    this.requests = new OpenRequests(client);
  }

  /** Sends; the callback hears of the answer or of the failure, on a transport thread. */
  void send(ByteBuffer message, RpcResponseCallback callback) {
    requests.send(message, callback);
  }

  /**
   * Sends and waits.
   *
   * @return why the message was refused; empty when it was accepted
   * @throws IllegalStateException when the connection is lost, or there is no answer in time
   */
  Optional<String> ask(ByteBuffer message, Duration timeout) {
    return request(message, timeout).refusal();
  }

  /**
   * Sends and waits.
   *
   * @throws IllegalStateException when the connection is lost, or there is no answer in time
   */
  Reply request(ByteBuffer message, Duration timeout) {
    CompletableFuture<Reply> answer = new CompletableFuture<>();
    requests.send(
        message,
        new RpcResponseCallback() {
          @Override
          public void onSuccess(ByteBuffer response) {
            answer.complete(Reply.read(response));
          }

          @Override
          public void onFailure(Throwable cause) {
            answer.completeExceptionally(cause);
          }
        });
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("No answer within " + timeout.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for an answer", e);
    }
  }

  /** Calls back once the connection has ended, on a transport thread. */
  void whenClosed(Runnable action) {
    client.getChannel().closeFuture().addListener(closed -> action.run());
  }

  @Override
  public void close() {
    client.close();
  }
}
