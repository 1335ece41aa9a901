package io.shardfire.driver.recovery;

import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Why an executor process ended, from what Spark's cluster manager says.
 *
 * @param message as Spark worded it
 */
public record ExitReason(String message) {
  private static final int LONGEST = 300;

  private static final Pattern EXIT_CODE =
      Pattern.compile(
          "(?:exited with code|exit code|exit status|exitCode)[: =]*(\\d{1,3})",
          Pattern.CASE_INSENSITIVE);

  private static final Map<Integer, String> MEANINGS =
      Map.of(
          50, "an uncaught exception; its log is in the executor's stderr",
          52, "the Java heap was full; raise spark.executor.memory, or lower training.microBatch",
          53, "Spark could not write to its local folder; check the disk under spark.local.dir",
          56, "the executor could not reach the driver; check the network and spark.driver.host",
          134, "signal 6 (SIGABRT), a crash in native code; look for hs_err_pid*.log in its folder",
          137,
              "signal 9 (SIGKILL): the kernel was out of memory, the cluster manager stopped it, or"
                  + " a person did",
          139,
              "signal 11 (SIGSEGV), a crash in native code; look for hs_err_pid*.log in its folder",
          143, "signal 15 (SIGTERM): the cluster manager or a person stopped it");

  /** The exit code, when the message has one. */
  public OptionalInt exitCode() {
    Matcher matcher = EXIT_CODE.matcher(message);
    return matcher.find()
        ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
        : OptionalInt.empty();
  }

  /** The message in one line, and what its exit code means. */
  public String describe() {
    OptionalInt code = exitCode();
    String meaning = code.isPresent() ? MEANINGS.get(code.getAsInt()) : null;
    return meaning == null ? line() : line() + " (" + meaning + ")";
  }

  /**
   * YARN adds a line for each part of its container's end, Kubernetes a table of containers; what
   * counts stands in front.
   */
  private String line() {
    String line =
        message
            .lines()
            .map(String::strip)
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining("; "));
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }
}
