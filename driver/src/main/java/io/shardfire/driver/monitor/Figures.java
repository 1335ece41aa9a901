package io.shardfire.driver.monitor;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Numbers as people read them, the same in every locale. */
public final class Figures {
  private static final List<String> THOUSANDS = List.of("", "k", "M", "G", "T", "P", "E");
  private static final List<String> BINARY = List.of("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB");

  private Figures() {}

  /** Three significant digits: {@code 987}, {@code 12.3k}, {@code 124M}. */
  public static String count(double value) {
    return scaled(value, 1000, THOUSANDS, "");
  }

  /** As above, of a whole number. */
  public static String count(long value) {
    return count((double) value);
  }

  /** Three significant digits: {@code 512 B}, {@code 1.50 GiB}. */
  public static String bytes(long value) {
    return scaled((double) value, 1024, BINARY, " ");
  }

  /** {@code 8.2s}, {@code 3m12s}, {@code 2h05m}, {@code 4d03h}. */
  public static String duration(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 10) {
      return String.format(Locale.ROOT, "%.1fs", duration.toMillis() / 1e3);
    }
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return String.format(Locale.ROOT, "%dm%02ds", seconds / 60, seconds % 60);
    }
    if (seconds < 86_400) {
      return String.format(Locale.ROOT, "%dh%02dm", seconds / 3600, seconds / 60 % 60);
    }
    return String.format(Locale.ROOT, "%dd%02dh", seconds / 86_400, seconds / 3600 % 24);
  }

  /** {@code 3.0e-4}: one digit after the point. */
  public static String scientific(double value) {
    if (value == 0) {
      return "0";
    }
    int exponent = (int) Math.floor(StrictMath.log10(Math.abs(value)));
    double mantissa = value / StrictMath.pow(10, exponent);
    if (Math.abs(mantissa) >= 9.95) {
      mantissa /= 10;
      exponent++;
    }
    return String.format(Locale.ROOT, "%.1fe%d", mantissa, exponent);
  }

  /** Fixed digits after the point. */
  public static String fixed(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  private static String scaled(double value, int base, List<String> units, String space) {
    double scaled = value;
    int unit = 0;
    // 999.5 would be printed as 1000.
    while (Math.abs(scaled) >= 999.5 && unit < units.size() - 1) {
      scaled /= base;
      unit++;
    }
    String digits;
    if (unit == 0 && scaled == Math.rint(scaled)) {
      digits = String.format(Locale.ROOT, "%.0f", scaled);
    } else if (Math.abs(scaled) < 9.995) {
      digits = fixed(scaled, 2);
    } else {
      digits = fixed(scaled, Math.abs(scaled) < 99.95 ? 1 : 0);
    }
    return digits + space + units.get(unit);
  }
}
