package io.shardfire.kernels.device;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * The sizes that fit one device: a value per {@link Tunable}. Every record computes the same bits,
 * so the executors of a run may have different ones. Immutable.
 */
public final class DeviceRecord {
  private final String source;
  private final Map<Tunable, Integer> values;

  /**
   * A record of checked values, one for every tunable.
   *
   * @param source where it comes from, for messages
   */
  DeviceRecord(String source, Map<Tunable, Integer> values) {
    this.source = source;
    this.values = Collections.unmodifiableMap(new EnumMap<>(values));
    for (Tunable tunable : Tunable.values()) {
      requireAllowed(source, tunable, String.valueOf(values.get(tunable)));
    }
  }

  /**
   * The value of a setting as text.
   *
   * @throws ComputeException naming source, key, value and range
   */
  static int requireAllowed(String source, Tunable tunable, String text) {
    try {
      int value = Integer.parseInt(text.trim());
      if (tunable.allows(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below, like a number out of range.
    }
    throw new ComputeException(
        "A value of the device record is out of range: record="
            + source
            + ", key="
            + tunable.key()
            + ", value="
            + text
            + ", range="
            + tunable.range());
  }

  /** A file, or what is shipped for whom. */
  public String source() {
    return source;
  }

  /** The value of a tunable. */
  public int value(Tunable tunable) {
    return values.get(tunable);
  }

  /**
   * This record with another value.
   *
   * @throws ComputeException when the value is out of range
   */
  public DeviceRecord with(Tunable tunable, int value) {
    Map<Tunable, Integer> changed = new EnumMap<>(values);
    changed.put(tunable, requireAllowed(source, tunable, String.valueOf(value)));
    return new DeviceRecord(source, changed);
  }

  /** The values in which this record differs from another. */
  public Map<Tunable, Integer> differencesFrom(DeviceRecord other) {
    Map<Tunable, Integer> differences = new EnumMap<>(Tunable.class);
    values.forEach(
        (tunable, value) -> {
          if (value != other.value(tunable)) {
            differences.put(tunable, value);
          }
        });
    return differences;
  }

  /** The values that kernels are compiled for, as OpenCL macros. */
  String macros() {
    StringBuilder macros = new StringBuilder();
    values.forEach(
        (tunable, value) -> {
          if (tunable.isMacro()) {
            macros.append("#define ").append(tunable).append(' ').append(value).append('\n');
          }
        });
    return macros.toString();
  }

  /** The source, and what differs from the shipped defaults. */
  @Override
  public String toString() {
    Map<Tunable, Integer> differences = differencesFrom(DeviceRecords.shipped());
    if (differences.isEmpty()) {
      return source;
    }
    StringBuilder text = new StringBuilder(source).append(" (");
    differences.forEach(
        (tunable, value) -> text.append(tunable.key()).append('=').append(value).append(", "));
    text.setLength(text.length() - 2);
    return text.append(')').toString();
  }
}
