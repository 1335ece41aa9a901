package io.shardfire.driver.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class EmbeddedMasterTest {
  @Test
  void shouldReadWhatSparkReads() {
    assertEquals(
        Optional.of(new EmbeddedMaster(2, 1, 1024)),
        EmbeddedMaster.parse("local-cluster[2, 1 ,1024]"));
    assertEquals("local-cluster[2,1,1024]", new EmbeddedMaster(2, 1, 1024).url());
    assertEquals(Optional.empty(), EmbeddedMaster.parse("local[2]"));
    assertEquals(Optional.empty(), EmbeddedMaster.parse("yarn"));
  }

  @Test
  void shouldRefuseAnEmptyCluster() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> EmbeddedMaster.parse("local-cluster[0,1,1024]"));
    assertEquals(
        "local-cluster[executors,cores,MiB] needs at least one executor, one core and 512 MiB:"
            + " executors=0, cores=1, memoryMib=1024",
        e.getMessage());
  }
}
