package io.shardfire.driver.recovery;

import io.shardfire.driver.report.FailureKind;
import io.shardfire.sharding.transport.ListenException;
import java.time.Duration;
import java.util.OptionalInt;

/** What ended a generation. */
public sealed interface Failure {
  /**
   * One line, unless an exception's own message has more: what happened, where, and, where it is
   * known, the setting to change.
   */
  String headline();

  /** Whether the same request may succeed on a second attempt. */
  boolean worthRetrying();

  /**
   * An executor process ended.
   *
   * @param rank the rank it ran, when that is known
   * @param host where it ran; {@code unknown} when Spark did not say
   */
  record ExecutorLost(OptionalInt rank, String executorId, String host, ExitReason reason)
      implements Failure {
    @Override
    public String headline() {
      return named(executorId, rank, host) + " was lost: " + reason.describe();
    }

    @Override
    public boolean worthRetrying() {
      return true;
    }
  }

  /**
   * An executor does not answer, and its task did not end when Spark stopped it. The driver then
   * has it killed, so that its loss is a consequence.
   *
   * @param rank the rank it ran, when that is known
   * @param patience how long it had to end
   * @param heard what a rank that waited for it reported; empty when none did
   * @param outcome what was done about it, in the past tense
   */
  record ExecutorHung(
      OptionalInt rank,
      String executorId,
      String host,
      Duration patience,
      String heard,
      String outcome)
      implements Failure {
    @Override
    public String headline() {
      return named(executorId, rank, host)
          + " hung: its task had not ended "
          + patience.toSeconds()
          + " seconds after Spark had stopped it, so it was "
          + outcome
          + (heard.isEmpty() ? "" : "; " + heard);
    }

    @Override
    public boolean worthRetrying() {
      return true;
    }
  }

  /** A rank ended with an exception. */
  record RankFailed(
      int rank,
      String host,
      String executorId,
      FailureKind kind,
      String exception,
      String message,
      String stackTrace)
      implements Failure {
    @Override
    public String headline() {
      String where = "Rank " + rank + " on " + host + " (executor " + executorId + ") failed";
      return switch (kind) {
        case RANK -> where + " with " + exception + ": " + message;
        case MEMORY ->
            where + ": " + message + ". Raise spark.executor.memory, or lower training.microBatch";
        default -> where + ": " + message;
      };
    }

    @Override
    public boolean worthRetrying() {
      return kind.worthRetrying();
    }
  }

  /** A task ended with an exception before its rank could report. */
  record TaskFailed(String host, String executorId, String exception, String message)
      implements Failure {
    @Override
    public String headline() {
      return "A rank on "
          + host
          + " (executor "
          + executorId
          + ") failed before it had met the others with "
          + exception
          + ": "
          + message;
    }

    /** Ports that are taken, or an address that is another machine's, are so the next time too. */
    @Override
    public boolean worthRetrying() {
      return !exception.equals(ListenException.class.getName());
    }
  }

  /**
   * The executors that are left were looked at, and no generation was started on them.
   *
   * @param worthRetrying whether they could not be looked at, rather than do not fit
   */
  record NotStarted(String message, boolean worthRetrying) implements Failure {
    @Override
    public String headline() {
      return message;
    }
  }

  /** Spark ended the job, and no rank and no executor said why. */
  record JobFailed(String message) implements Failure {
    @Override
    public String headline() {
      return "Spark ended the job: " + message;
    }

    @Override
    public boolean worthRetrying() {
      return false;
    }
  }

  private static String named(String executorId, OptionalInt rank, String host) {
    return "Executor "
        + executorId
        + (rank.isPresent() ? " (rank " + rank.getAsInt() + ")" : "")
        + " on "
        + host;
  }
}
