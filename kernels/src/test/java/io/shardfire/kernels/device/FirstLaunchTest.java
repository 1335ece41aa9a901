package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.aparapi.internal.opencl.OpenCLKernel;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What has to be so before the native code of a virtual machine's first launch runs. */
class FirstLaunchTest {
  @Test
  void shouldLoadTheClassThatTheNativeCodeUsesWhileItHoldsOffTheCollector() throws Exception {
    List<String> options =
        List.of("-XX:+UseG1GC", "-Xmx512m", "--add-opens=java.base/java.lang=ALL-UNNAMED");
    assertEquals(
        List.of("before: false, built: true"),
        ChildJvm.linesOf(Builder.class, 60, Map.of(), options));
  }

  /** Builds a program and launches nothing. */
  static final class Builder {
    private Builder() {}

    public static void main(String[] arguments) throws ReflectiveOperationException {
      ComputeDevice device = ComputeDevice.select("auto");
      KernelForm form = KernelForm.of(device);
      boolean before = isLoaded();
      NativeLock.call(
          () ->
              KernelProgram.build(
                  OpenClDevices.nativeDevice(device),
                  form,
                  "__kernel void run_commands(void) {} __kernel void stage_in(void) {}",
                  6,
                  1));
      System.out.println("before: " + before + ", built: " + isLoaded());
    }

    private static boolean isLoaded() throws ReflectiveOperationException {
      Method find = ClassLoader.class.getDeclaredMethod("findLoadedClass", String.class);
      find.setAccessible(true);
      ClassLoader loader = OpenCLKernel.class.getClassLoader();
      return find.invoke(loader, "com.aparapi.internal.opencl.OpenCLMem") != null;
    }
  }
}
