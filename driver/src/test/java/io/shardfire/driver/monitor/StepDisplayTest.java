package io.shardfire.driver.monitor;

import static io.shardfire.driver.monitor.Steps.skipped;
import static io.shardfire.driver.monitor.Steps.step;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.train.LossScale;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepDisplayTest {
  private final ManualClock clock = new ManualClock();

  @Test
  void shouldPrintTheFirstStepsThenOneEveryTenSecondsAndTheLast() {
    RecordingConsole recording = new RecordingConsole(Terminal.PLAIN, clock);
    StepDisplay display = new StepDisplay(recording.console(), 60);

    StringBuilder shown = new StringBuilder();
    for (int number = 1; number <= 60; number++) {
      display.show(step(number, 2));
      if (!recording.take().isEmpty()) {
        shown.append(number).append(' ');
      }
      clock.advance(Duration.ofMillis(500));
    }

    assertEquals("1 2 3 23 43 60 ", shown.toString());
  }

  @Test
  void shouldRedrawAtMostTenTimesASecondButAlwaysTheLastStep() {
    RecordingConsole recording = new RecordingConsole(new Terminal(true, 100), clock);
    StepDisplay display = new StepDisplay(recording.console(), 12);

    StringBuilder shown = new StringBuilder();
    for (int number = 1; number <= 12; number++) {
      display.show(step(number, 2));
      if (!recording.take().isEmpty()) {
        shown.append(number).append(' ');
      }
      clock.advance(Duration.ofMillis(25));
    }

    assertEquals("1 5 9 12 ", shown.toString());
  }

  /** Their losses may be no numbers. */
  @Test
  void shouldPrintEveryStepThatWasSkippedAndLeaveItOutOfTheAverages() {
    for (Terminal terminal : List.of(Terminal.PLAIN, new Terminal(true, 100))) {
      RecordingConsole recording = new RecordingConsole(terminal, clock);
      StepDisplay display = new StepDisplay(recording.console(), 100);
      display.show(skipped(1, Double.NaN, new LossScale(32_768, 0, 1)));
      display.show(skipped(2, 5, new LossScale(16_384, 0, 2)));
      assertEquals(
          """
          step   1/100  skipped: gradients overflowed in fp16, loss scale 32768
          step   2/100  skipped: gradients overflowed in fp16, loss scale 16384
          """,
          recording.take());
      display.show(step(3, 2));
      assertTrue(recording.take().contains("step   3/100  loss 2.0000  smoothed 2.0000"));
    }
  }

  @Test
  void shouldBeginAnewAfterARestart() {
    RecordingConsole recording = new RecordingConsole(Terminal.PLAIN, clock);
    StepDisplay display = new StepDisplay(recording.console(), 100);
    for (int number = 1; number <= 10; number++) {
      display.show(step(number, 9));
    }
    recording.take();

    display.restart();
    display.show(step(5, 2));

    assertTrue(recording.take().contains("step   5/100  loss 2.0000  smoothed 2.0000"));
  }
}
