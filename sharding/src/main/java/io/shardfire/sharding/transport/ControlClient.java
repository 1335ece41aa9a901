package io.shardfire.sharding.transport;

import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.wire.WireException;
import java.nio.ByteBuffer;

/** A rank's end of the control channel. Thread-safe. */
public final class ControlClient implements AutoCloseable {
  private static final int GREETING_BYTES = 64;

  private final NetworkConfiguration configuration;
  private final PeerAddress driver;
  private final Endpoint endpoint;
  private final Connection connection;

  private ControlClient(
      NetworkConfiguration configuration,
      PeerAddress driver,
      Endpoint endpoint,
      Connection connection) {
    this.configuration = configuration;
    this.driver = driver;
    this.endpoint = endpoint;
    this.connection = connection;
  }

  /**
   * Connects to the driver.
   *
   * @throws CollectiveException when it cannot be reached or refuses the authentication
   */
  public static ControlClient connect(NetworkConfiguration configuration, PeerAddress driver) {
    Endpoint endpoint = Endpoint.connecting(configuration);
    try {
      ControlClient client =
          new ControlClient(
              configuration, driver, endpoint, endpoint.connect(driver, "the driver"));
      client.send(new ControlHello(), GREETING_BYTES, "hello, driver=" + driver);
      return client;
    } catch (CollectiveException e) {
      endpoint.close();
      throw e;
    }
  }

  /**
   * Sends and waits for the acknowledgement, which the driver gives once its handler has returned.
   *
   * @return the driver's word; empty while it has nothing to say
   * @throws CollectiveException when the report is larger than {@link ControlMessage#MAX_BYTES},
   *     the driver is lost or does not answer in time, or its handler failed
   */
  public String send(ControlMessage message) {
    String what =
        "kind=%s, rank=%d, generation=%d, driver=%s"
            .formatted(message.kind(), message.rank(), message.generation(), driver);
    return send(message, capacity(message), what);
  }

  private String send(Object message, int capacity, String what) {
    Reply reply;
    try {
      ByteBuffer bytes = ByteBuffer.allocate(capacity);
      ControlMessage.codec().encode(message, bytes);
      reply = connection.request(bytes, configuration.timeout());
    } catch (WireException e) {
      throw new CollectiveException("The report is too large: " + what, e);
    } catch (IllegalStateException e) {
      throw new CollectiveException(
          "The driver did not answer within %d ms, or its connection was lost: %s"
              .formatted(configuration.timeout().toMillis(), what),
          e);
    }
    if (reply.refusal().isPresent()) {
      throw new CollectiveException(
          "The driver refused a report: " + what + ": " + reply.refusal().get());
    }
    return reply.word();
  }

  /** Bytes that surely hold the message; a character takes at most three in UTF-8. */
  private static int capacity(ControlMessage message) {
    return (int) Math.min(ControlMessage.MAX_BYTES, 256L + 3L * message.json().length());
  }

  @Override
  public void close() {
    connection.close();
    endpoint.close();
  }
}
