package io.shardfire.driver.plan;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The master {@code local-cluster[executors,cores,memoryMib]}: separate executor processes on this
 * machine.
 *
 * @param executors number of processes
 * @param cores cores of each
 * @param memoryMib heap of each in MiB
 */
public record EmbeddedMaster(int executors, int cores, int memoryMib) {
  private static final Pattern FORM =
      Pattern.compile("local-cluster\\[\\s*(\\d{1,6})\\s*,\\s*(\\d{1,6})\\s*,\\s*(\\d{1,9})\\s*]");

  /** Checks every value. */
  public EmbeddedMaster {
    if (executors < 1 || cores < 1 || memoryMib < 512) {
      throw new IllegalArgumentException(
          "local-cluster[executors,cores,MiB] needs at least one executor, one core and 512 MiB:"
              + " executors="
              + executors
              + ", cores="
              + cores
              + ", memoryMib="
              + memoryMib);
    }
  }

  /** Reads a master URL; empty for any other kind of master. */
  public static Optional<EmbeddedMaster> parse(String master) {
    Matcher matcher = FORM.matcher(master);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new EmbeddedMaster(
            Integer.parseInt(matcher.group(1)),
            Integer.parseInt(matcher.group(2)),
            Integer.parseInt(matcher.group(3))));
  }

  /** The master URL. */
  public String url() {
    return "local-cluster[" + executors + "," + cores + "," + memoryMib + "]";
  }
}
