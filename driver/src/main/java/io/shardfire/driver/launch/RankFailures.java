package io.shardfire.driver.launch;

import io.shardfire.driver.report.FailureKind;
import io.shardfire.driver.report.RankReport;
import io.shardfire.kernels.device.ComputeException;
import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.worker.train.TrainingException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.stream.Stream;

/** Tells what an exception in a rank means for the run. */
final class RankFailures {
  /** Characters of a text; a report must fit into a control message. */
  private static final int LONGEST = 16_384;

  private RankFailures() {}

  /**
   * @param started whether the rank had reported that it is ready
   * @param stopped whether the driver had asked it to end
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
    if (stopped) {
      return FailureKind.STOPPED;
    }
    if (causes(exception).anyMatch(OutOfMemoryError.class::isInstance)) {
      return FailureKind.MEMORY;
    }
    if (causes(exception).anyMatch(CollectiveException.class::isInstance)) {
      return FailureKind.PEER;
    }
    return causes(exception).anyMatch(cause -> blamesRequest(cause, started))
        ? FailureKind.REQUEST
        : FailureKind.RANK;
  }

  /** What would come out the same on every attempt. */
  private static boolean blamesRequest(Throwable cause, boolean started) {
    if (cause instanceof TrainingException || cause instanceof ComputeException) {
      return true;
    }
    boolean refused =
        cause instanceof CheckpointException
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
