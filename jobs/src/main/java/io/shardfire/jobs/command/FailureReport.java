package io.shardfire.jobs.command;

import io.shardfire.driver.corpus.CorpusException;
import io.shardfire.driver.launch.PretrainingCancelledException;
import io.shardfire.driver.launch.PretrainingException;
import io.shardfire.driver.launch.WaitTimeoutException;
import io.shardfire.driver.plan.PreflightException;
import io.shardfire.jobs.configuration.ConfigurationException;
import io.shardfire.kernels.device.ComputeException;
import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.transport.ListenException;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.train.TrainingException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;

/**
 * Prints why a command failed: one message for what users can put right, and the stack trace for
 * what only we can.
 */
final class FailureReport {
  /** Their messages are written for users: they name the values and the remedy. */
  private static final List<Class<? extends Exception>> EXPECTED =
      List.of(
          CommandException.class,
          ConfigurationException.class,
          CorpusException.class,
          DataException.class,
          PreflightException.class,
          PretrainingException.class,
          PretrainingCancelledException.class,
          WaitTimeoutException.class,
          ComputeException.class,
          CheckpointException.class,
          CollectiveException.class,
          ListenException.class,
          TrainingException.class,
          IllegalArgumentException.class,
          UncheckedIOException.class,
          IOException.class);

  private final PrintWriter err;
  private final boolean stacktrace;

  FailureReport(PrintWriter err, boolean stacktrace) {
    this.err = err;
    this.stacktrace = stacktrace;
  }

  /** Prints the report and returns the exit code. */
  int print(Exception exception) {
    Optional<String> missing = MissingConnector.explain(exception);
    if (missing.isPresent()) {
      return print(missing.get(), exception);
    }
    if (EXPECTED.stream().noneMatch(type -> type.isInstance(exception))) {
      err.println("error: unexpected " + exception.getClass().getName() + "; this is a bug.");
      exception.printStackTrace(err);
      return ExitCode.FAILURE;
    }
    return print(message(exception), exception);
  }

  private int print(String message, Exception exception) {
    err.println("error: " + message);
    if (stacktrace) {
      exception.printStackTrace(err);
    }
    return exitCode(exception);
  }

  private static int exitCode(Exception exception) {
    if (exception instanceof PretrainingCancelledException) {
      return ExitCode.INTERRUPTED;
    }
    return exception instanceof ConfigurationException ? ExitCode.USAGE : ExitCode.FAILURE;
  }

  private static String message(Exception exception) {
    if (exception instanceof UncheckedIOException unchecked) {
      return message(unchecked.getCause());
    }
    // The JDK's file exceptions have only the path for a message.
    if (exception instanceof NoSuchFileException missing) {
      return "No such file: " + missing.getFile();
    }
    if (exception instanceof FileAlreadyExistsException existing) {
      return "File exists: " + existing.getFile();
    }
    if (exception instanceof FileSystemException failed) {
      return "Cannot access " + failed.getMessage();
    }
    if (exception instanceof FileNotFoundException missing) {
      return "No such file: " + missing.getMessage();
    }
    return exception.getMessage() == null ? exception.toString() : exception.getMessage();
  }
}
