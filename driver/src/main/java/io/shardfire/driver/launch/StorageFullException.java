package io.shardfire.driver.launch;

import io.shardfire.sharding.checkpoint.CheckpointException;
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
    return causes(failure)
        .flatMap(cause -> Stream.concat(Stream.of(cause), causesOf(cause.getSuppressed())))
        .map(StorageFullException::lackOfSpace)
        .flatMap(Optional::stream)
        .findFirst()
        .map(problem -> new StorageFullException(message(problem, hadoop, run), failure));
  }

  /**
   * Checkpoints are written in the background, so that a rank may notice first that another has
   * already left; closing its own writer then adds why.
   */
  private static Stream<Throwable> causesOf(Throwable... suppressed) {
    return Stream.of(suppressed).flatMap(StorageFullException::causes);
  }

  private static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, cause -> cause != null, Throwable::getCause).limit(20);
  }

  /** What the system said; a checkpoint also tells what another rank met. */
  private static Optional<String> lackOfSpace(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    if (cause instanceof ClusterStorageCapacityExceededException) {
      return message.lines().findFirst();
    }
    return cause instanceof IOException || cause instanceof CheckpointException
        ? SYSTEM_MESSAGES.stream().filter(message::contains).findFirst()
        : Optional.empty();
  }

  private static String message(String problem, Configuration hadoop, String run) {
    return "No space is left to write to the run folder: run="
        + run
        + freeBytes(hadoop, run)
        + ", problem="
        + problem
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
