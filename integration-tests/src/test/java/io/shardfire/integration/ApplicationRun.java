package io.shardfire.integration;

import io.shardfire.driver.launch.PretrainingCancelledException;
import io.shardfire.driver.launch.PretrainingJob;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A run of a {@link SharedApplication} under way, with its output so far. */
final class ApplicationRun {
  private final PretrainingJob job;
  private final Transcript output;
  private final FutureTask<?> task;

  ApplicationRun(PretrainingJob job, Transcript output) {
    this.job = job;
    this.output = output;
    this.task =
        new FutureTask<>(job::run) {
          @Override
          protected void setException(Throwable failure) {
            output.add(failure.toString());
            super.setException(failure);
          }

          @Override
          protected void done() {
            output.end();
          }
        };
    Thread thread = new Thread(task, "run");
    thread.setDaemon(true);
    thread.start();
  }

  Transcript output() {
    return output;
  }

  /** Waits for the end of a run that must succeed. */
  void succeed() {
    try {
      await();
    } catch (ExecutionException e) {
      throw new AssertionError("The run failed:\n" + output, e);
    }
  }

  /** Stops the run, which must be under way still, and waits until it has ended. */
  void cancel() {
    job.cancel();
    try {
      await();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof PretrainingCancelledException) {
        return;
      }
      throw new AssertionError("The run failed:\n" + output, e);
    }
    throw new AssertionError("The run had ended before it was stopped:\n" + output);
  }

  private void await() throws ExecutionException {
    try {
      task.get(Shardfire.DEADLINE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      job.cancel();
      throw new AssertionError(
          "The run did not end within " + Shardfire.DEADLINE + ":\n" + output, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
