package io.shardfire.driver.corpus;

import java.io.FileNotFoundException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.apache.hadoop.fs.ClusterStorageCapacityExceededException;
import org.apache.hadoop.security.AccessControlException;

/**
 * A file system failed in a way that may pass: tasks throw it, and Spark runs them again. Whatever
 * fails the same way every time is a result of the task instead, which ends the job at once and
 * leaves no stack trace in the log of Spark.
 */
final class TransientCorpusException extends CorpusException {
  private static final long serialVersionUID = 1L;

  private TransientCorpusException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The failure as an exception of this class, unless trying again is of no use. */
  static CorpusException unlessFinal(String message, Throwable cause) {
    return isFinal(cause)
        ? new CorpusException(message, cause)
        : new TransientCorpusException(message, cause);
  }

  /** Whether somebody must first make room, give a permission or mend a path. */
  private static boolean isFinal(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof FileNotFoundException
          || cause instanceof NoSuchFileException
          || cause instanceof AccessDeniedException
          || cause instanceof AccessControlException
          || cause instanceof ClusterStorageCapacityExceededException
          || Reason.isFull(cause)) {
        return true;
      }
    }
    return false;
  }
}
