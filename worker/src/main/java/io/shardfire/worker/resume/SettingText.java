package io.shardfire.worker.resume;

import java.math.BigDecimal;
import java.util.Locale;

/** Values as configuration files have them: 0.0006, 1e-8, 1, encoder-decoder. */
public final class SettingText {
  private static final int SMALLEST_PLAIN_SCALE = 6;

  private SettingText() {}

  static String of(Object value) {
    return value instanceof Float number ? decimal(number) : value.toString();
  }

  /** A constant: lower case, with {@code -}. */
  public static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String decimal(float value) {
    BigDecimal decimal = new BigDecimal(Float.toString(value)).stripTrailingZeros();
    if (decimal.scale() <= SMALLEST_PLAIN_SCALE) {
      return decimal.toPlainString();
    }
    int exponent = decimal.precision() - decimal.scale() - 1;
    return decimal.movePointLeft(exponent).stripTrailingZeros().toPlainString() + "e" + exponent;
  }
}
