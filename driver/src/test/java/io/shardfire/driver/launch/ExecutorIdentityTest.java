package io.shardfire.driver.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.plan.ComputeIdentity;
import io.shardfire.kernels.device.ComputeDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutorIdentityTest {
  @TempDir Path folder;

  @Test
  void shouldTellWhatShapesBitsAndWhy() {
    ComputeIdentity identity = ExecutorIdentity.of(ComputeDevice.select("cpu"));
    assertTrue(identity.computes());
    assertEquals("cpu", identity.form());
    assertTrue(identity.lanes() == 8 || identity.lanes() == 16, "lanes=" + identity.lanes());
    assertTrue(identity.driver().contains("OpenCL"), identity.driver());
    assertEquals(Runtime.version().toString(), identity.java());
    assertEquals(identity, ExecutorIdentity.of(ComputeDevice.select("cpu")));
  }

  @Test
  void shouldNameVectorInstructionsInOneOrder() throws IOException {
    Path processor = folder.resolve("cpuinfo");
    Files.writeString(processor, "model : x\nflags\t\t: fpu fma sse sse4_2 avx2 avx\nflags : z\n");
    assertEquals("avx avx2 fma sse4_2", ExecutorIdentity.instructions(processor));
    assertEquals("", ExecutorIdentity.instructions(folder.resolve("none")));
  }
}
