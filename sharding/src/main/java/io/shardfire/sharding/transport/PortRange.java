package io.shardfire.sharding.transport;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ports to listen on, the first free one of them: {@code 0} for whichever the system gives, {@code
 * 7100} or {@code 7100-7131}.
 */
public record PortRange(int first, int last) {
  /** Whichever port the system gives. */
  public static final PortRange ANY = new PortRange(0, 0);

  private static final Pattern TEXT = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");

  /** Checks. */
  public PortRange {
    boolean any = first == 0 && last == 0;
    if (!any && (first < 1 || last > 65535 || first > last)) {
      throw new IllegalArgumentException(
          "Ports are 0 for any, or lie in 1 to 65535 in ascending order: ports="
              + first
              + "-"
              + last);
    }
  }

  /**
   * Reads what {@link #toString} writes.
   *
   * @throws IllegalArgumentException when it is neither a port nor a range
   */
  public static PortRange parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "Ports are 0 for any, one port, or a range such as 7100-7131: ports=" + text);
    }
    int first = Integer.parseInt(matcher.group(1));
    return new PortRange(
        first, matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2)));
  }

  @Override
  public String toString() {
    return first == last ? Integer.toString(first) : first + "-" + last;
  }
}
