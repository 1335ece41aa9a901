package io.shardfire.driver.plan;

import java.util.Objects;

/**
 * One reason why a run cannot start.
 *
 * @param finding what is wrong, with the values as name=value
 * @param remedy the setting to change, and to what
 */
public record Problem(String finding, String remedy) {
  /** Checks that both are said. */
  public Problem {
    Objects.requireNonNull(finding, "finding");
    Objects.requireNonNull(remedy, "remedy");
  }

  @Override
  public String toString() {
    return finding + ". " + remedy + ".";
  }
}
