package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.wire.WireException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.spark.network.client.TransportClient;

/** A rank's end of the control channel. Thread-safe. */
public final class ControlClient implements AutoCloseable {
  private final NetworkConfiguration configuration;
  private final PeerAddress driver;
  private final Endpoint endpoint;
  private final TransportClient client;

  private ControlClient(
      NetworkConfiguration configuration,
      PeerAddress driver,
      Endpoint endpoint,
      TransportClient client) {
    this.configuration = configuration;
    this.driver = driver;
    this.endpoint = endpoint;
    this.client = client;
  }

  /**
   * Connects to the driver.
   *
   * @throws CollectiveException when it cannot be reached or refuses the authentication
   */
  public static ControlClient connect(NetworkConfiguration configuration, PeerAddress driver) {
    Endpoint endpoint = Endpoint.connecting(configuration);
    try {
      TransportClient client = endpoint.connect(driver, "the driver");
      return new ControlClient(configuration, driver, endpoint, client);
    } catch (CollectiveException e) {
      endpoint.close();
      throw e;
    }
  }

  /**
   * Sends and waits for the acknowledgement, which the driver gives once its handler has returned.
   *
   * @throws CollectiveException when the report is larger than {@link ControlMessage#MAX_BYTES},
   *     the driver is lost or does not answer in time, or its handler failed
   */
  public void send(ControlMessage message) {
    String what =
        "kind=%s, rank=%d, generation=%d, driver=%s"
            .formatted(message.kind(), message.rank(), message.generation(), driver);
    Optional<String> refusal;
    try {
      ByteBuffer bytes = ByteBuffer.allocate(capacity(message));
      ControlMessage.codec().encode(message, bytes);
      ByteBuffer reply = client.sendRpcSync(bytes, configuration.timeout().toMillis());
      refusal = Reply.refusal(reply);
    } catch (WireException e) {
      throw new CollectiveException("The report is too large: " + what, e);
    } catch (RuntimeException e) {
      throw new CollectiveException(
          "The driver did not answer within %d ms, or its connection was lost: %s"
              .formatted(configuration.timeout().toMillis(), what),
          e);
    }
    if (refusal.isPresent()) {
      throw new CollectiveException("The driver refused a report: " + what + ": " + refusal.get());
    }
  }

  /** Bytes that surely hold the message; a character takes at most three in UTF-8. */
  private static int capacity(ControlMessage message) {
    return (int) Math.min(ControlMessage.MAX_BYTES, 256L + 3L * message.json().length());
  }

  @Override
  public void close() {
    client.close();
    endpoint.close();
  }
}
