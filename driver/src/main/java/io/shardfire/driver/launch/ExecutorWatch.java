package io.shardfire.driver.launch;

import io.shardfire.driver.recovery.ExitReason;
import io.shardfire.driver.recovery.Failure;
import io.shardfire.driver.recovery.FailureLog;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.TaskInfo;

/**
 * Watches, on Spark's listener bus, the executors and tasks of the generation under way: which
 * tasks still run, and which executors were lost and why. Thread-safe.
 */
final class ExecutorWatch extends SparkListener {
  /** The property of Spark's jobs and stages that names their group. */
  static final String JOB_GROUP = "spark.jobGroup.id";

  private final Set<Integer> stages = new HashSet<>();
  private final Map<Long, TaskInfo> running = new TreeMap<>();
  private final Map<String, String> hosts = new HashMap<>();
  private final Map<String, Integer> ranks = new HashMap<>();
  private String jobGroup = "";
  private FailureLog failures = new FailureLog();
  private long changes;
  private Marker heard;

  /** Starts to watch a generation, whose jobs carry {@code group}; notes what fails. */
  synchronized void begin(String group, FailureLog log) {
    stages.clear();
    running.clear();
    hosts.clear();
    ranks.clear();
    jobGroup = group;
    failures = log;
  }

  /** Tells which rank an executor runs. */
  synchronized void place(int rank, String executorId) {
    ranks.put(executorId, rank);
  }

  /**
   * Waits until everything that was posted before has been heard here. Spark tells a job's caller
   * of its end directly and listeners through a queue, so that a task may have run, and failed, of
   * which this watch does not know yet.
   *
   * @param bus posts an event to Spark's listeners
   * @return false when the time is over
   */
  boolean awaitHeard(Consumer<SparkListenerEvent> bus, Duration timeout) {
    Marker marker = new Marker();
    bus.accept(marker);
    synchronized (this) {
      return await(() -> heard == marker, timeout);
    }
  }

  /** Waits until no task of the generation runs; false when the time is over. */
  synchronized boolean awaitNoTasks(Duration timeout) {
    return await(running::isEmpty, timeout);
  }

  /** As above, and false as soon as {@code cancelled}, of which {@link #wake()} makes it aware. */
  synchronized boolean awaitNoTasks(Duration timeout, BooleanSupplier cancelled) {
    await(() -> running.isEmpty() || cancelled.getAsBoolean(), timeout);
    return running.isEmpty();
  }

  /** Waits until the log knows a cause; false when the time is over. */
  synchronized boolean awaitCause(Duration timeout) {
    return await(() -> failures.cause().isPresent(), timeout);
  }

  /** Waits until an executor comes or goes, a task ends, or the time is over. */
  synchronized void awaitChange(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    long seen = changes;
    long left = timeout.toNanos();
    while (changes == seen && left > 0) {
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new PretrainingCancelledException("Interrupted while waiting for executors");
      }
      left = deadline - System.nanoTime();
    }
  }

  /** Wakes all waits so that they look again. */
  synchronized void wake() {
    changes++;
    notifyAll();
  }

  /** Executors that still run a task of the generation, in the order of their tasks. */
  synchronized Set<BusyExecutor> busyExecutors() {
    Set<BusyExecutor> busy = new LinkedHashSet<>();
    running.values().stream()
        .map(task -> new BusyExecutor(rankOf(task.executorId()), task.executorId(), task.host()))
        .forEach(busy::add);
    return busy;
  }

  private OptionalInt rankOf(String executorId) {
    Integer rank = ranks.get(executorId);
    return rank == null ? OptionalInt.empty() : OptionalInt.of(rank);
  }

  private boolean await(BooleanSupplier condition, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!condition.getAsBoolean()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      awaitChange(Duration.ofNanos(left));
    }
    return true;
  }

  @Override
  public synchronized void onStageSubmitted(SparkListenerStageSubmitted event) {
    Properties properties = event.properties();
    if (properties != null && jobGroup.equals(properties.getProperty(JOB_GROUP))) {
      stages.add(event.stageInfo().stageId());
    }
  }

  @Override
  public synchronized void onTaskStart(SparkListenerTaskStart event) {
    if (stages.contains(event.stageId())) {
      TaskInfo task = event.taskInfo();
      running.put(task.taskId(), task);
      hosts.put(task.executorId(), task.host());
    }
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd event) {
    if (!stages.contains(event.stageId())) {
      return;
    }
    TaskInfo task = event.taskInfo();
    running.remove(task.taskId());
    if (event.reason() instanceof ExceptionFailure exception) {
      failures.add(
          new Failure.TaskFailed(
              task.host(),
              task.executorId(),
              exception.className(),
              String.valueOf(exception.description())));
    }
    wake();
  }

  @Override
  public synchronized void onOtherEvent(SparkListenerEvent event) {
    if (event instanceof Marker marker) {
      heard = marker;
      wake();
    }
  }

  @Override
  public synchronized void onExecutorAdded(SparkListenerExecutorAdded event) {
    wake();
  }

  @Override
  public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved event) {
    String executorId = event.executorId();
    // An executor without a task of this generation cannot have stopped it.
    if (hosts.containsKey(executorId)) {
      failures.add(
          new Failure.ExecutorLost(
              rankOf(executorId),
              executorId,
              hosts.get(executorId),
              new ExitReason(event.reason())));
      running.values().removeIf(task -> task.executorId().equals(executorId));
    }
    wake();
  }

  /**
   * An executor that runs a task.
   *
   * @param rank the rank of that task, once it has reported
   */
  record BusyExecutor(OptionalInt rank, String id, String host) {
    @Override
    public String toString() {
      return id + (rank.isPresent() ? " (rank " + rank.getAsInt() + ")" : "") + " on " + host;
    }
  }

  /** Follows all events posted before it; means nothing to other listeners. */
  private static final class Marker implements SparkListenerEvent {
    @Override
    public boolean logEvent() {
      return false;
    }
  }
}
