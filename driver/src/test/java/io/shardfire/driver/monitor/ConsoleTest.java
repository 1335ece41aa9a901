package io.shardfire.driver.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ConsoleTest {
  private final ManualClock clock = new ManualClock();

  @Test
  void shouldRewriteTheStatusInPlaceAndKeepItBelowPrintedLines() {
    RecordingConsole recording = new RecordingConsole(new Terminal(true, 20), clock);

    recording.console().status("step 1");
    assertEquals("\r<[Kstep 1", recording.take());
    recording.console().print("a line");
    assertEquals("\r<[Ka line\nstep 1", recording.take());
    recording.console().status("");
    assertEquals("\r<[K", recording.take());
    recording.console().status("");
    recording.console().print("end");
    assertEquals("end\n", recording.take());
  }

  @Test
  void shouldCutTheStatusSoThatItCannotWrap() {
    RecordingConsole recording = new RecordingConsole(new Terminal(true, 8), clock);

    recording.console().status("0123456789");

    assertEquals("\r<[K0123456", recording.take());
  }

  @Test
  void shouldNotWriteAStatusIntoAFile() {
    RecordingConsole recording = new RecordingConsole(Terminal.PLAIN, clock);

    recording.console().status("step 1");
    recording.console().print("a line");

    assertEquals("a line\n", recording.take());
  }
}
