package io.shardfire.sharding.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.sharding.lease.ProcessTable.Liveness;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class ProcessTableTest {
  private final ProcessTable processes = new ProcessTable();

  @Test
  void shouldKnowItself() {
    LeaseHolder self = LeaseHolder.self(processes, "app", "");

    assertTrue(self.started() > 0, self.toString());
    assertEquals(Liveness.ALIVE, processes.liveness(self));
  }

  @Test
  void shouldKnowThatAProcessHasEnded() throws Exception {
    Process process = new ProcessBuilder("sleep", "600").start();
    OptionalLong started = processes.started(process.pid());
    LeaseHolder holder = holder(processes.machine(), process.pid(), started.orElseThrow());
    assertEquals(Liveness.ALIVE, processes.liveness(holder));

    process.destroyForcibly();
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(Liveness.ENDED, processes.liveness(holder));
  }

  @Test
  void shouldNotTakeAnotherProcessOfTheSameNumberForTheHolder() {
    long self = ProcessHandle.current().pid();
    long started = processes.started(self).orElseThrow();

    assertEquals(
        Liveness.ENDED, processes.liveness(holder(processes.machine(), self, started - 1)));
    assertEquals(Liveness.UNKNOWN, processes.liveness(holder("another machine", self, started)));
    assertEquals(Liveness.UNKNOWN, processes.liveness(holder("", self, started)));
  }

  private static LeaseHolder holder(String machine, long process, long started) {
    return new LeaseHolder("ann", "host", machine, process, started, "", "");
  }
}
