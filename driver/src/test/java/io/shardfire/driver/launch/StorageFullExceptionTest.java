package io.shardfire.driver.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.shardfire.driver.report.FailureKind;
import io.shardfire.sharding.checkpoint.CheckpointException;
import io.shardfire.sharding.checkpoint.PlainFiles;
import io.shardfire.sharding.collective.CollectiveException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.hdfs.protocol.DSQuotaExceededException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageFullExceptionTest {
  private final IOException full = new IOException("No space left on device");

  @TempDir Path folder;

  private Optional<StorageFullException> explain(Throwable failure) {
    return StorageFullException.explain(failure, new Configuration(), folder.toUri().toString());
  }

  @Test
  void shouldNameFolderFreeBytesAndRemedyInOneLine() {
    String message =
        explain(new CheckpointException("x", new UncheckedIOException(full)))
            .orElseThrow()
            .getMessage();

    assertTrue(
        message.matches(
            "No space is left to write to the run folder: run=\\Q"
                + folder.toUri()
                + "\\E, freeBytes now=\\d+, problem=No space left on device; make room"
                + " \\(training.keepCheckpoints says how many are kept\\), then go on with"
                + " --resume"),
        message);
  }

  @Test
  void shouldKnowTheWordsOfLocalAndDistributedFileSystems() throws Exception {
    for (Throwable failure :
        List.of(
            new AssertionError(full),
            new CheckpointException("x", new IOException("Disk quota exceeded")),
            new IOException("There is not enough space on the disk"),
            new UncheckedIOException(new DSQuotaExceededException(7L, 9L)))) {
      StorageFullException told = explain(failure).orElseThrow();
      assertEquals(
          FailureKind.STORAGE, RankFailures.describe(told, true, false, "h", "1", 7).kind());
    }
    assertEquals(false, FailureKind.STORAGE.worthRetrying());
  }

  /**
   * Where all that is written meets "No space left on device", Hadoop throws an error of its own.
   */
  @Test
  void shouldRecogniseWhatHadoopThrowsWhenALocalDiskIsFull() throws IOException {
    org.apache.hadoop.fs.Path device = new org.apache.hadoop.fs.Path("/dev/full");
    assumeTrue(Files.exists(Path.of("/dev/full")));
    FSDataOutputStream out =
        PlainFiles.fileSystem(new Configuration(), device).create(device, true, 1);

    FSError error = assertThrows(FSError.class, () -> out.write(new byte[2]));

    assertTrue(explain(error).isPresent(), error.toString());
  }

  /** Every rank ends with the same reason, whichever notices it first, and how. */
  @Test
  void shouldRecogniseTheFullDiskOfAnotherRankAndOneInTheBackground() {
    CheckpointException ofAnother =
        new CheckpointException("failed rank=0, problem=FSError: No space left on device");
    CollectiveException leftAlone = new CollectiveException("Timed out: missing=[1]");
    leftAlone.addSuppressed(new CheckpointException("x", new UncheckedIOException(full)));

    for (Throwable failure : List.of(ofAnother, leftAlone)) {
      assertTrue(
          explain(failure).orElseThrow().getMessage().contains("problem=No space left on device;"),
          failure.toString());
    }
  }

  @Test
  void shouldLeaveOtherFailuresAlone() {
    assertEquals(Optional.empty(), explain(new IOException("Permission denied")));
    assertEquals(Optional.empty(), explain(new IOException()));
    assertEquals(Optional.empty(), explain(new IllegalStateException("No space left on device")));
  }

  @Test
  void shouldTellWithoutFreeBytesWhereTheFileSystemDoesNot() {
    String message =
        StorageFullException.explain(full, new Configuration(), "nosuch://host/run")
            .orElseThrow()
            .getMessage();

    assertTrue(message.contains("run=nosuch://host/run, problem="), message);
  }
}
