package io.shardfire.jobs.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ChecksTest {
  @Test
  void shouldFindDeviceKernelsAndTokenizerInOrder() {
    for (Check check : List.of(new OpenClCheck(), new TokenizerCheck())) {
      List<Finding> failed = check.run().stream().filter(finding -> !finding.ok()).toList();
      assertEquals(List.of(), failed, check.name());
    }
  }
}
