package io.shardfire.jobs.doctor;

import java.util.List;
import java.util.Map;

/** The checks of this machine. */
public final class Checks {
  private Checks() {}

  /** All checks, the ones that others depend on first. */
  public static List<Check> all(Map<String, String> environment) {
    return List.of(
        new JavaCheck(),
        new MemoryCheck(),
        new SparkCheck(environment),
        new TokenizerCheck(),
        new OpenClCheck());
  }
}
