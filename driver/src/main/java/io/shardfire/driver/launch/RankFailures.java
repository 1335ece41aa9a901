package io.shardfire.driver.launch;

import io.shardfire.driver.report.FailureKind;
import io.shardfire.driver.report.RankReport;
import io.shardfire.kernels.device.ComputeException;
import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.lease.LeaseLostException;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.train.TrainingException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.apache.spark.TaskKilledException;

/** Tells what an exception in a rank means for the run. */
final class RankFailures {
  /** Characters of a text; a report must fit into a control message. */
  private static final int LONGEST = 16_384;

  private RankFailures() {}

  /**
   * @param started whether the rank had reported that it is ready
   * @param stopped whether the rank had been asked to end; what it throws then may still be its own
   *     failure, for Spark stops all ranks as soon as one task has ended, mostly a consequence's
   */
  static RankReport.Failed describe(
      Throwable exception,
      boolean started,
      boolean stopped,
      String host,
      String executorId,
      long processId) {
    return new RankReport.Failed(
        host,
        executorId,
        processId,
        kind(exception, started, stopped),
        exception.getClass().getName(),
        message(exception),
        trace(exception));
  }

  private static FailureKind kind(Throwable exception, boolean started, boolean stopped) {
    if (causes(exception).anyMatch(OutOfMemoryError.class::isInstance)) {
      return FailureKind.MEMORY;
    }
    if (stopped && causes(exception).anyMatch(RankFailures::tellsOfStop)) {
      return FailureKind.STOPPED;
    }
    if (causes(exception).anyMatch(StorageFullException.class::isInstance)) {
      return FailureKind.STORAGE;
    }
    if (causes(exception).anyMatch(CollectiveException.class::isInstance)) {
      return stopped ? FailureKind.STOPPED : FailureKind.PEER;
    }
    if (causes(exception).anyMatch(cause -> blamesRequest(cause, started))) {
      return FailureKind.REQUEST;
    }
    return tellsOfFiles(exception) ? FailureKind.FILES : FailureKind.RANK;
  }

  /** A checkpoint also fails on the ranks that did their part; theirs then has no other cause. */
  private static boolean tellsOfFiles(Throwable exception) {
    Throwable root = causes(exception).reduce(exception, (outer, inner) -> inner);
    return root instanceof CheckpointException
        || causes(exception).anyMatch(IOException.class::isInstance);
  }

  /** What an interruption or the rank's own look at the stop leads to. */
  private static boolean tellsOfStop(Throwable cause) {
    return cause instanceof InterruptedException
        || cause instanceof ClosedByInterruptException
        || cause instanceof CancellationException
        || cause instanceof TaskKilledException
        || (cause instanceof InterruptedIOException && !(cause instanceof SocketTimeoutException));
  }

  /** What would come out the same on every attempt. */
  private static boolean blamesRequest(Throwable cause, boolean started) {
    if (cause instanceof TrainingException
        || cause instanceof ComputeException
        || cause instanceof LeaseLostException) {
      return true;
    }
    // What could not be read now may be readable in the next attempt; what is damaged stays so.
    boolean damagedData =
        cause instanceof DataException && !(cause.getCause() instanceof IOException);
    boolean refused =
        cause instanceof CheckpointException
            || damagedData
            || cause instanceof IllegalArgumentException
            || cause instanceof LinkageError;
    return refused && !started;
  }

  private static String message(Throwable exception) {
    String message = exception.getMessage();
    return message == null || message.isBlank() ? "no message" : cut(message);
  }

  private static String trace(Throwable exception) {
    StringWriter text = new StringWriter();
    exception.printStackTrace(new PrintWriter(text));
    return cut(text.toString());
  }

  private static String cut(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
  }

  private static Stream<Throwable> causes(Throwable exception) {
    return Stream.iterate(exception, cause -> cause != null, Throwable::getCause).limit(20);
  }
}
