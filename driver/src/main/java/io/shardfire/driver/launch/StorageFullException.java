package io.shardfire.driver.launch;

import io.shardfire.sharding.checkpoint.PlainFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ClusterStorageCapacityExceededException;
import org.apache.hadoop.fs.Path;

/** A rank could not write, because the run folder's file system is full or its quota used up. */
final class StorageFullException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What the operating systems say, which Java passes on as text only. */
  private static final List<String> SYSTEM_MESSAGES =
      List.of("No space left on device", "Disk quota exceeded", "not enough space on the disk");

  private StorageFullException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The explanation of {@code failure}; empty when it does not come from a lack of space. */
  static Optional<StorageFullException> explain(
      Throwable failure, Configuration hadoop, String run) {
    return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
        .limit(20)
        .filter(StorageFullException::tellsOfLackOfSpace)
        .findFirst()
        .map(cause -> new StorageFullException(message(cause, hadoop, run), failure));
  }

  private static boolean tellsOfLackOfSpace(Throwable cause) {
    String message = cause.getMessage();
    return cause instanceof ClusterStorageCapacityExceededException
        || (cause instanceof IOException
            && message != null
            && SYSTEM_MESSAGES.stream().anyMatch(message::contains));
  }

  private static String message(Throwable cause, Configuration hadoop, String run) {
    return "No space is left to write to the run folder: run="
        + run
        + freeBytes(hadoop, run)
        + ", problem="
        + cause.getMessage().lines().findFirst().orElse("")
        + "; make room (training.keepCheckpoints says how many are kept), then go on with --resume";
  }

  /** After the unfinished checkpoint has been deleted, so that it need not be 0. */
  private static String freeBytes(Configuration hadoop, String run) {
    Path folder = new Path(run);
    try {
      return ", freeBytes now="
          + PlainFiles.fileSystem(hadoop, folder).getStatus(folder).getRemaining();
    } catch (IOException | UncheckedIOException e) {
      // The failure is told in any case; how much is free only helps.
      return "";
    }
  }
}
