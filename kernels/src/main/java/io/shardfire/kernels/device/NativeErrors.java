package io.shardfire.kernels.device;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What native code writes to the process's standard error, past {@code System.err} and every log.
 * Only the descriptor itself can be turned elsewhere, which Java cannot do; JNA, which the
 * tokenizer library brings, can.
 */
final class NativeErrors {
  private static final Logger LOG = LoggerFactory.getLogger(NativeErrors.class);
  private static final int STANDARD_ERROR = 2;
  private static final int WRITE_ONLY = 1;

  private NativeErrors() {}

  /** The calls of the C library. */
  interface Descriptors extends Library {
    int dup(int descriptor);

    int dup2(int from, int to);

    int open(String path, int flags);

    int close(int descriptor);
  }

  /**
   * Runs {@code body} and passes on what was written to standard error meanwhile, by whatever
   * thread, but for lines that contain {@code text}. Where the descriptor cannot be turned, all
   * lines appear.
   */
  static <T> T without(String text, PrintStream errors, Supplier<T> body) {
    Descriptors c;
    Path file;
    try {
      c = Native.load("c", Descriptors.class);
      file = Files.createTempFile("native-errors", ".txt");
    } catch (LinkageError | IOException e) {
      LOG.debug("Standard error cannot be turned elsewhere", e);
      return body.get();
    }
    errors.flush();
    int before = c.dup(STANDARD_ERROR);
    int target = c.open(file.toString(), WRITE_ONLY);
    boolean turned = before >= 0 && target >= 0 && c.dup2(target, STANDARD_ERROR) >= 0;
    try {
      return body.get();
    } finally {
      if (turned) {
        errors.flush();
        c.dup2(before, STANDARD_ERROR);
      }
      close(c, before);
      close(c, target);
      passOn(file, text, errors);
    }
  }

  private static void close(Descriptors c, int descriptor) {
    if (descriptor >= 0) {
      c.close(descriptor);
    }
  }

  private static void passOn(Path file, String text, PrintStream errors) {
    try {
      // Native messages have no encoding of their own; this one keeps every byte.
      String written = Files.readString(file, StandardCharsets.ISO_8859_1);
      written.lines().filter(line -> !line.contains(text)).forEach(errors::println);
      Files.delete(file);
    } catch (IOException e) {
      LOG.warn("What native code wrote to standard error is lost: {}", e.getMessage());
    }
  }
}
