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

  /**
   * The same request with absolute paths. A path whose file system there is not stays as it is: the
   * checks before the run say so, beside all else that is wrong.
   */
  public static PretrainConfiguration in(Configuration hadoop, PretrainConfiguration asked) {
    return new PretrainConfiguration(
        asked.model(),
        asked.training(),
        qualified(hadoop, asked.data()),
        qualified(hadoop, asked.run()),
        asked.from().isEmpty() ? "" : qualified(hadoop, asked.from()),
        asked.device(),
        asked.cluster(),
        asked.recovery(),
        asked.existingRun(),
        asked.allowedChanges(),
        asked.dryRun(),
        asked.effectiveConfiguration());
  }

  /** A path made absolute; as it is where its file system is not there. */
  public static String qualified(Configuration hadoop, String path) {
    try {
      Path relative = new Path(path);
      return relative.getFileSystem(hadoop).makeQualified(relative).toString();
    } catch (IOException e) {
      return path;
    }
  }
}
