package io.shardfire.jobs.session;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * Lets a job end in an orderly way when the JVM is asked to stop (Ctrl-C, kill): the job is
 * cancelled and has a while to end before Spark itself shuts down. The JVM's exit code is that of
 * the signal: 130 after SIGINT, 143 after SIGTERM.
 */
public final class Interruption {
  /** Before Spark's own hook, which stops the context (priority 50). */
  private static final int PRIORITY = 200;

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private Interruption() {}

  /**
   * Runs a job, and cancels it if the JVM is asked to stop meanwhile.
   *
   * @param cancel makes the job end soon; called by another thread
   */
  public static <T> T guard(Runnable cancel, Supplier<T> job) {
    CountDownLatch ended = new CountDownLatch(1);
    Runnable hook =
        () -> {
          silenceLog();
          cancel.run();
          await(ended);
        };
    ShutdownHookManager hooks = ShutdownHookManager.get();
    hooks.addShutdownHook(hook, PRIORITY, PATIENCE.toSeconds() + 1, TimeUnit.SECONDS);
    try {
      return job.get();
    } finally {
      ended.countDown();
      if (!hooks.isShutdownInProgress()) {
        hooks.removeShutdownHook(hook);
      }
    }
  }

  /** Ctrl-C reaches the executors on this machine too, and Spark would report each as lost. */
  private static void silenceLog() {
    System.err.println("\nStopping; checkpoints stay, and --resume goes on from the newest.");
    JobSession.silenceLog();
  }

  private static void await(CountDownLatch ended) {
    try {
      if (!ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        System.err.println("warning: the job did not end within " + PATIENCE.toSeconds() + " s.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
