package io.shardfire.jobs.session;

import io.shardfire.jobs.command.CommandException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The Spark that a job runs on, of which Shardfire has no choice: the cluster has it.
 *
 * @param text as Spark says it, vendors' additions included: {@code 3.5.4-amzn-0}
 */
public record SparkVersion(String text) {
  /** Those that {@code scripts/test-clusters versions} trains on. */
  private static final List<Release> TRIED =
      List.of(
          new Release(3, 5),
          new Release(4, 0),
          new Release(4, 1),
          new Release(4, 2),
          new Release(4, 3));

  private static final Pattern RELEASE = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(?!\\d).*");

  private record Release(int major, int minor) {
    @Override
    public String toString() {
      return major + "." + minor;
    }
  }

  /**
   * What to warn of: a release newer than those that were tried, of the same major version.
   *
   * @throws CommandException where jobs would fail later, for want of what Spark lacks
   */
  public Optional<String> check() {
    Optional<Release> release = release();
    if (release.filter(TRIED::contains).isPresent()) {
      return Optional.empty();
    }
    Release newest = TRIED.get(TRIED.size() - 1);
    if (release.filter(r -> r.major() == newest.major()).isPresent()) {
      return Optional.of(
          "This Spark is newer than those that Shardfire was tried on: version="
              + text
              + " tried="
              + listed());
    }
    throw new CommandException(
        "Shardfire does not run on this Spark: version="
            + text
            + " supported="
            + listed()
            + "; submit with one of these");
  }

  private Optional<Release> release() {
    Matcher matcher = RELEASE.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new Release(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  private static String listed() {
    return TRIED.stream().map(Release::toString).collect(Collectors.joining(", "));
  }
}
