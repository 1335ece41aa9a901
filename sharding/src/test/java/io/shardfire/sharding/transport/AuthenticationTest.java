package io.shardfire.sharding.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.FloatRange;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthenticationTest {
  private static final String RIGHT = "tulips-in-the-rain-7431";
  private static final String WRONG = "lanterns-by-the-sea-9920";

  private static NetworkConfiguration configuration(String secret, Map<String, String> spark) {
    return new NetworkConfiguration(
        "127.0.0.1", spark, secret, Duration.ofSeconds(60), 4096, true, PortRange.ANY);
  }

  private static Map<String, String> spark(boolean aes, boolean saslEncryption) {
    return Map.of(
        "spark.authenticate",
        "true",
        "spark.network.crypto.enabled",
        String.valueOf(aes),
        "spark.authenticate.enableSaslEncryption",
        String.valueOf(saslEncryption));
  }

  private static String stackTrace(Throwable error) {
    StringWriter text = new StringWriter();
    error.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  private static void assertNoSecret(String text) {
    assertFalse(text.contains(RIGHT), text);
    assertFalse(text.contains(WRONG), text);
  }

  @ParameterizedTest
  @CsvSource({"true,false", "false,false", "false,true"})
  void shouldJoinWithTheRightSecretAndLogNone(boolean aes, boolean saslEncryption)
      throws Exception {
    try (LogCapture log = LogCapture.open()) {
      try (LoopbackWorld world =
          LoopbackWorld.open(2, configuration(RIGHT, spark(aes, saslEncryption)))) {
        world.onEveryRank(
            c -> {
              float[] data = new float[5000];
              data[c.rank()] = 1;
              c.allReduce(RawPeer.KEY, new FloatRange(data, 0, data.length), ElementType.FP32)
                  .await();
              assertEquals(1f, data[0]);
              assertEquals(1f, data[1]);
            });
      }
      assertFalse(log.text().isEmpty());
      assertNoSecret(log.text());
    }
  }

  @ParameterizedTest
  @CsvSource({"true,false", "false,false", "false,true"})
  void shouldRefuseTheWrongSecretAndLogNone(boolean aes, boolean saslEncryption) {
    Map<String, String> spark = spark(aes, saslEncryption);
    try (LogCapture log = LogCapture.open();
        NetworkNode right = NetworkNode.start(configuration(RIGHT, spark));
        NetworkNode wrong = NetworkNode.start(configuration(WRONG, spark))) {
      List<PeerAddress> peers = List.of(right.address(), wrong.address());

      CollectiveException error =
          assertThrows(CollectiveException.class, () -> wrong.join("data", 0, 1, peers));

      assertEquals(
          "Cannot connect to rank 0 at "
              + right.address()
              + ", or it refused the authentication; check that it runs and that both sides have"
              + " the same spark.authenticate settings: authenticated=true",
          error.getMessage());
      assertNoSecret(stackTrace(error));
      assertNoSecret(log.text());
    }
  }

  @Test
  void shouldRefuseAPeerThatDoesNotAuthenticate() {
    try (NetworkNode right = NetworkNode.start(configuration(RIGHT, spark(true, false)));
        NetworkNode open = NetworkNode.start(configuration(null, Map.of()))) {
      List<PeerAddress> peers = List.of(right.address(), open.address());

      CollectiveException error =
          assertThrows(CollectiveException.class, () -> open.join("data", 0, 1, peers));

      String start = "Rank 0 at " + right.address() + " did not answer: JoinGroup[group=data";
      assertTrue(error.getMessage().startsWith(start), error.getMessage());
    }
  }

  @Test
  void shouldRefuseAWrongSecretOnTheControlChannel() {
    NetworkConfiguration wrong = configuration(WRONG, spark(true, false));
    try (ControlServer server =
        ControlServer.start(configuration(RIGHT, spark(true, false)), message -> {})) {
      CollectiveException error =
          assertThrows(
              CollectiveException.class, () -> ControlClient.connect(wrong, server.address()));

      String start = "Cannot connect to the driver at " + server.address();
      assertTrue(error.getMessage().startsWith(start), error.getMessage());
      assertNoSecret(stackTrace(error));
    }
  }

  @Test
  void shouldDemandASecretWhenAuthenticationIsOn() {
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> configuration(null, spark(true, false)));

    assertEquals(
        "spark.authenticate=true needs the application's secret, but none was given",
        error.getMessage());
    assertNoSecret(configuration(RIGHT, spark(true, false)).toString());
  }
}
