package io.shardfire.sharding.lease;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Real time, on one daemon thread. */
public final class DaemonLeaseTimer implements LeaseTimer {
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread daemon = new Thread(task, "run-lease");
            daemon.setDaemon(true);
            return daemon;
          });

  private Future<?> repeated;

  @Override
  public synchronized void every(Duration interval, Runnable task) {
    repeated =
        thread.scheduleWithFixedDelay(
            task, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void settle(Duration time) {
    try {
      thread.schedule(() -> true, time.toMillis(), TimeUnit.MILLISECONDS).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("Interrupted while claiming the run folder");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public synchronized void close() {
    if (repeated != null) {
      // Without an interrupt: the task itself may be the one that ends it.
      repeated.cancel(false);
    }
    thread.shutdown();
  }
}
