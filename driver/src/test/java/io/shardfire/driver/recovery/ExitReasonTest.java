package io.shardfire.driver.recovery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ExitReasonTest {
  @Test
  void shouldExplainTheExitCodesOfTheClusterManagers() {
    assertEquals(OptionalInt.of(137), new ExitReason("Command exited with code 137").exitCode());
    assertEquals(
        OptionalInt.of(143),
        new ExitReason("Container from a bad node. Exit status: 143. Diagnostics: x").exitCode());
    assertEquals(
        "Command exited with code 52 (the Java heap was full; raise spark.executor.memory, or lower"
            + " training.microBatch)",
        new ExitReason("Command exited with code 52").describe());
  }

  @Test
  void shouldTellInOneLineWhatAClusterManagerSaysInSeveral() {
    assertEquals(
        "Container from a bad node: c_1 on host: h. Exit status: 143. Diagnostics: [10:04]Container"
            + " killed on request.; [10:05]Killed by external signal (signal 15 (SIGTERM): the"
            + " cluster manager or a person stopped it)",
        new ExitReason(
                "Container from a bad node: c_1 on host: h. Exit status: 143. Diagnostics:"
                    + " [10:04]Container killed on request.\n\n  [10:05]Killed by external signal\n")
            .describe());
    String table = new ExitReason("lost\n" + "container state\n".repeat(50)).describe();
    assertEquals(301, table.length());
    assertEquals(1, table.lines().count());
  }

  @Test
  void shouldPassOnWhatItDoesNotKnow() {
    assertEquals("worker lost", new ExitReason("worker lost").describe());
    assertEquals("exited with code 3", new ExitReason("exited with code 3").describe());
  }
}
