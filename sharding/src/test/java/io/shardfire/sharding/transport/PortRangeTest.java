package io.shardfire.sharding.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PortRangeTest {
  private static NetworkConfiguration on(PortRange ports) {
    return new NetworkConfiguration(
        "127.0.0.1", Map.of(), null, Duration.ofSeconds(60), 4096, false, ports);
  }

  private static ServerSocket taken() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  /** Free, and below those that a machine gives to whoever asks for any. */
  private static int portThatNobodyIsGiven() throws IOException {
    for (int port = 20_000; ; port++) {
      try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return free.getLocalPort();
      } catch (BindException e) {
        assertTrue(port < 30_000, e.toString());
      }
    }
  }

  @Test
  void shouldReadAPortARangeOrAny() {
    assertEquals(PortRange.ANY, PortRange.parse("0"));
    assertEquals(new PortRange(7100, 7100), PortRange.parse("7100"));
    assertEquals(new PortRange(7100, 7131), PortRange.parse(" 7100-7131 "));
    for (String text : new String[] {"0", "7100", "7100-7131", "1-65535"}) {
      assertEquals(text, PortRange.parse(text).toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "any", "-1", "7100-", "7100:7131", "7100-7131-7140", "123456"})
  void shouldRefuseWhatIsNoRange(String text) {
    assertEquals(
        "Ports are 0 for any, one port, or a range such as 7100-7131: ports=" + text,
        assertThrows(IllegalArgumentException.class, () -> PortRange.parse(text)).getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"7131-7100", "0-7100", "65000-65536"})
  void shouldRefuseARangeOfOtherPorts(String text) {
    assertEquals(
        "Ports are 0 for any, or lie in 1 to 65535 in ascending order: ports=" + text,
        assertThrows(IllegalArgumentException.class, () -> PortRange.parse(text)).getMessage());
  }

  @Test
  void shouldListenOnTheFirstFreePortOfTheRange() throws IOException {
    try (ServerSocket other = taken()) {
      int first = other.getLocalPort();
      int last = Math.min(65535, first + 40);
      try (NetworkNode rank = NetworkNode.start(on(new PortRange(first, last)));
          ControlServer driver =
              ControlServer.start(on(new PortRange(first, last)), message -> {})) {
        assertTrue(rank.address().port() > first, rank.address().toString());
        assertTrue(rank.address().port() < driver.address().port(), driver.address().toString());
        assertTrue(driver.address().port() <= last, driver.address().toString());
      }
    }
  }

  @Test
  void shouldNameTheRangeThatIsTaken() throws IOException {
    try (ServerSocket other = taken()) {
      int port = other.getLocalPort();

      String text =
          assertThrows(
                  ListenException.class, () -> NetworkNode.start(on(new PortRange(port, port))))
              .getMessage();

      String start =
          "Cannot listen on any port of the range; free one, or set cluster.ports to a range that"
              + " has a free port for every rank of a machine, and on the driver's one more:"
              + " bindHost=127.0.0.1, ports="
              + port
              + ": ";
      assertTrue(text.startsWith(start) && text.contains("Address already in use"), text);
    }
  }

  @Test
  void shouldLeaveItsPortToTheNextAtOnce() throws IOException {
    int port = portThatNobodyIsGiven();
    PortRange one = new PortRange(port, port);
    for (int generation = 0; generation < 3; generation++) {
      try (NetworkNode node = NetworkNode.start(on(one))) {
        assertEquals(one.first(), node.address().port());
      }
    }
  }
}
