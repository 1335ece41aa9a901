package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompilerLockTest {
  private static final Duration SHORT = Duration.ofMillis(100);
  private static final Duration LONG = Duration.ofMinutes(2);

  @TempDir private Path folder;

  @Test
  void shouldRefuseWhileAnotherProcessHoldsTheLockAndGoOnWhenItIsGone() throws Exception {
    PoclCache cache = new PoclCache(folder.resolve("made/when/missing").toString());
    Process other =
        ChildJvm.of(Holder.class, List.of(), cache.folder())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertEquals('h', other.getInputStream().read());
      String message =
          assertThrows(ComputeException.class, () -> CompilerLock.call(cache, SHORT, () -> "built"))
              .getMessage();
      assertEquals(
          "Another process has been building kernels for too long; end it ('fuser' with the file"
              + " shows its number), or give this one a folder of its own by POCL_CACHE_DIR: file="
              + folder.resolve("made/when/missing/shardfire.lock")
              + ", secondsWaited=0",
          message);
    } finally {
      other.destroyForcibly();
    }
    assertEquals("built", CompilerLock.call(cache, LONG, () -> "built"));
  }

  /** Holds the lock until it is killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] arguments) {
      CompilerLock.call(
          new PoclCache(arguments[0]),
          LONG,
          () -> {
            System.out.print('h');
            System.out.flush();
            try {
              return System.in.read();
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          });
    }
  }

  @Test
  void shouldReleaseTheLockOfWhatFails() {
    PoclCache cache = new PoclCache(folder.toString());
    ComputeException failure = new ComputeException("does not build");
    assertEquals(
        failure,
        assertThrows(
            ComputeException.class,
            () ->
                CompilerLock.call(
                    cache,
                    LONG,
                    () -> {
                      throw failure;
                    })));
    assertEquals("built", CompilerLock.call(cache, LONG, () -> "built"));
  }

  @Test
  void shouldBuildWithoutALockWhereTheFolderCannotHaveOne() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertEquals("built", CompilerLock.call(new PoclCache(file.toString()), LONG, () -> "built"));
  }
}
