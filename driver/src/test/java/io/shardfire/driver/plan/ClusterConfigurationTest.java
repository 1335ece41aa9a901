package io.shardfire.driver.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.sharding.transport.PortRange;
import org.junit.jupiter.api.Test;

class ClusterConfigurationTest {
  private static ClusterConfiguration withPorts(String ports) {
    return new ClusterConfiguration(0, 10, 10, 5, 4096, true, ports);
  }

  @Test
  void shouldListenAnywhereUnlessToldWhere() {
    assertEquals(PortRange.ANY, ClusterConfiguration.DEFAULT.portRange());
    assertEquals(new PortRange(7100, 7131), withPorts("7100-7131").portRange());
    assertEquals(new PortRange(7100, 7100), withPorts("7100").portRange());
  }

  @Test
  void shouldRefusePortsThatAreNone() {
    assertEquals(
        "Ports are 0 for any, one port, or a range such as 7100-7131: ports=some",
        assertThrows(IllegalArgumentException.class, () -> withPorts("some")).getMessage());
    assertEquals(
        "Ports are 0 for any, or lie in 1 to 65535 in ascending order: ports=7131-7100",
        assertThrows(IllegalArgumentException.class, () -> withPorts("7131-7100")).getMessage());
  }
}
