package io.shardfire.jobs.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.driver.plan.ExistingRun;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.jobs.configuration.RunConfigurationReader;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;

final class QualifiedPathsTest {
  @Test
  void shouldMakePathsAbsoluteAndLeaveUnknownFileSystemsToTheChecks() {
    PretrainConfiguration asked =
        RunConfigurationReader.read(
                Optional.empty(),
                List.of("data=corpus", "run=nowhere://host/run"),
                Collections.emptySortedMap())
            .toPretrain(ExistingRun.REFUSE, List.of(), false);

    PretrainConfiguration qualified = QualifiedPaths.in(new Configuration(), asked);

    assertEquals("file:" + Path.of("corpus").toAbsolutePath(), qualified.data());
    assertEquals("nowhere://host/run", qualified.run());
  }
}
