package io.shardfire.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CompileNoticeTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void shouldSayWhatTakesSoLong() {
    CountDownLatch said = new CountDownLatch(1);
    PrintStream out =
        new PrintStream(bytes, true, StandardCharsets.UTF_8) {
          @Override
          public void println(String line) {
            super.println(line);
            said.countDown();
          }
        };
    assertTrue(
        CompileNotice.around(
            () -> {
              try {
                return said.await(1, TimeUnit.MINUTES);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            },
            Duration.ZERO,
            out));
    assertTrue(
        printed().startsWith("Starting the device; its first start compiles the kernels"),
        printed());
  }

  @Test
  void shouldSayNothingWhereKernelsAreThere() {
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    assertEquals(7, CompileNotice.around(() -> 7, Duration.ofDays(1), out));
    assertEquals("", printed());
  }
}
