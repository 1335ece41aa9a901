package io.shardfire.jobs.command;

import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Says what takes so long where a device's kernels are compiled for the first time. */
public final class CompileNotice {
  /** Kernels that the driver has kept are there sooner. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private CompileNotice() {}

  /** Runs {@code work}, which may compile kernels; a notice goes to standard error. */
  public static <T> T around(Supplier<T> work) {
    return around(work, PATIENCE, System.err);
  }

  static <T> T around(Supplier<T> work, Duration patience, PrintStream out) {
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "compile notice");
              thread.setDaemon(true);
              return thread;
            });
    try {
      var unused =
          timer.schedule(
              () ->
                  out.println(
                      "Starting the device; its first start compiles the kernels, half a minute or so,"
                          + " and keeps them"),
              patience.toMillis(),
              TimeUnit.MILLISECONDS);
      return work.get();
    } finally {
      timer.shutdownNow();
    }
  }
}
