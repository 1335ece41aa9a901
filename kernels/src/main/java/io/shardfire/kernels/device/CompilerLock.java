package io.shardfire.kernels.device;

import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one process at a time build a program in a folder of compiled kernels, such as the executors
 * that start on a machine together. PoCL up to version 5 removes the program that another process
 * has just written before it writes its own; who reads it meanwhile fails, or is aborted with its
 * whole virtual machine. The operating system releases the lock of a process that ends.
 */
final class CompilerLock {
  private static final Logger LOG = LoggerFactory.getLogger(CompilerLock.class);
  private static final String NAME = "shardfire.lock";

  private CompilerLock() {}

  /**
   * Acts while it holds the lock of a folder; call it from one thread at a time. Where the folder
   * cannot have a lock, warns and acts all the same.
   *
   * @throws ComputeException when others hold it all that time, or the thread is interrupted
   */
  static <T> T call(PoclCache cache, Duration patience, Supplier<T> action) {
    Optional<AsynchronousFileChannel> lock = take(cache, patience);
    try {
      return action.get();
    } finally {
      lock.ifPresent(CompilerLock::close);
    }
  }

  /** A file whose lock is held until it is closed. */
  private static Optional<AsynchronousFileChannel> take(PoclCache cache, Duration patience) {
    AsynchronousFileChannel channel = null;
    boolean held = false;
    try {
      Path file = Path.of(cache.folder(), NAME);
      Files.createDirectories(file.getParent());
      // One that locks in another thread can be waited for with a deadline.
      channel =
          AsynchronousFileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      await(channel.lock(), file, patience);
      held = true;
      return Optional.of(channel);
    } catch (IOException | InvalidPathException e) {
      LOG.warn(
          "Cannot lock the folder of compiled kernels; where processes that start together fail to"
              + " build them, start one first: folder={}, problem={}",
          cache.folder(),
          e.toString());
      return Optional.empty();
    } finally {
      if (channel != null && !held) {
        close(channel);
      }
    }
  }

  private static void await(Future<FileLock> lock, Path file, Duration patience)
      throws IOException {
    try {
      lock.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new ComputeException(
          "Another process has been building kernels for too long; end it ('fuser' with the file"
              + " shows its number), or give this one a folder of its own by POCL_CACHE_DIR: file="
              + file
              + ", secondsWaited="
              + patience.toSeconds(),
          e);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ComputeException("Interrupted while another process builds kernels", e);
    }
  }

  private static void close(AsynchronousFileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("Cannot close the lock of compiled kernels: problem={}", e.toString());
    }
  }
}
