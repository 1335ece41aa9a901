package io.shardfire.jobs.session;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * Lets a job end in an orderly way when the JVM is asked to stop (Ctrl-C, kill, a pod that is
 * evicted): it has a while to save what it has done, then it is cancelled, and all that before
 * Spark itself shuts down. The JVM's exit code is that of the signal: 130 after SIGINT, 143 after
 * SIGTERM.
 *
 * @param stop makes the job save what it has done, and end; called by another thread
 * @param cancel makes the job end soon; called by another thread
 * @param grace between the two; where it is zero, the job is only cancelled
 * @param graceSetting by which users set it
 */
public record Interruption(Runnable stop, Runnable cancel, Duration grace, String graceSetting) {
  /** Before Spark's own hook, which stops the context (priority 50). */
  private static final int PRIORITY = 200;

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Runs a job, and ends it if the JVM is asked to stop meanwhile. */
  public <T> T guard(Supplier<T> job) {
    CountDownLatch ended = new CountDownLatch(1);
    Runnable hook =
        () -> {
          silenceLog();
          end(ended);
        };
    ShutdownHookManager hooks = ShutdownHookManager.get();
    Duration longest = grace.plus(PATIENCE).plusSeconds(1);
    hooks.addShutdownHook(hook, PRIORITY, longest.toSeconds(), TimeUnit.SECONDS);
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

  private void end(CountDownLatch ended) {
    try {
      if (!grace.isZero()) {
        stop.run();
        if (ended.await(grace.toSeconds(), TimeUnit.SECONDS)) {
          return;
        }
        System.err.println(
            "warning: no checkpoint of the step under way within "
                + graceSetting
                + "="
                + grace.toSeconds());
      }
      cancel.run();
      if (!ended.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        System.err.println("warning: the job did not end within " + PATIENCE.toSeconds() + " s.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
