package io.shardfire.jobs.session;

import io.shardfire.driver.plan.PretrainConfiguration;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Relative paths mean this process's folder. Executors run elsewhere, so paths are made absolute
 * before they are sent.
 */
public final class QualifiedPaths {
  private QualifiedPaths() {}

  /** The same request with absolute paths. */
  public static PretrainConfiguration in(Configuration hadoop, PretrainConfiguration asked)
      throws IOException {
    return new PretrainConfiguration(
        asked.model(),
        asked.training(),
        qualified(hadoop, asked.data()),
        qualified(hadoop, asked.run()),
        asked.device(),
        asked.cluster(),
        asked.recovery(),
        asked.existingRun(),
        asked.dryRun(),
        asked.effectiveConfiguration());
  }

  private static String qualified(Configuration hadoop, String path) throws IOException {
    Path relative = new Path(path);
    return relative.getFileSystem(hadoop).makeQualified(relative).toString();
  }
}
