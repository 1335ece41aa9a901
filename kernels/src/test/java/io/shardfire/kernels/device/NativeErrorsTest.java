package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class NativeErrorsTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream errors = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  /** Writes as native code does. */
  private interface Writer extends Library {
    long write(int descriptor, byte[] bytes, long count);
  }

  private static void write(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    assertEquals(bytes.length, Native.load("c", Writer.class).write(2, bytes, bytes.length));
  }

  private String passedOn() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void shouldLeaveOutTheLineAndPassOnTheRest() {
    int result =
        NativeErrors.without(
            "harmless",
            errors,
            () -> {
              write("a real error\nsome harmless note\nanother\n");
              return 7;
            });
    assertEquals(7, result);
    assertEquals(List.of("a real error", "another"), passedOn().lines().toList());
  }

  @Test
  void shouldPassOnWhatCameBeforeAFailure() {
    assertThrows(
        IllegalStateException.class,
        () ->
            NativeErrors.without(
                "harmless",
                errors,
                () -> {
                  write("the reason\n");
                  throw new IllegalStateException();
                }));
    assertEquals(List.of("the reason"), passedOn().lines().toList());
  }

  /** Lists the devices of this machine. */
  static final class Lister {
    private Lister() {}

    public static void main(String[] arguments) {
      System.out.println("devices: " + ComputeDevice.list().size());
    }
  }

  @Test
  void shouldListDevicesWithoutTheBindingsWarning() throws Exception {
    ProcessBuilder builder = ChildJvm.of(Lister.class, List.of());
    builder.redirectErrorStream(true);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains("devices: "), output);
    assertTrue(!output.contains("untested OpenCL platform"), output);
  }
}
