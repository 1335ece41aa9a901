package io.shardfire.kernels.device;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;

/**
 * Where device records come from: the file that the system property {@value #PROPERTY} names, else
 * the user's own for the device, else what is shipped for its {@link DeviceFamily}, else the
 * defaults.
 *
 * <pre>
 *   # ~/.shardfire/devices/pthread-amd-epyc-7b13.properties       a key per line, none required;
 *   matmul.tilePanels=2                                           the rest are as shipped
 *   norm.rows=16
 * </pre>
 */
public final class DeviceRecords {
  /** Names the file of the record. */
  public static final String PROPERTY = "shardfire.kernels.record";

  private static final String FOLDER = "/devices/";

  private DeviceRecords() {}

  /**
   * The record of a device on this machine.
   *
   * @throws ComputeException when the file cannot be read or holds what it must not, naming it
   */
  public static DeviceRecord of(ComputeDevice device) {
    return of(System.getProperty(PROPERTY), userFile(device), shipped(device));
  }

  static DeviceRecord of(String property, Path userFile, DeviceRecord shipped) {
    if (property != null) {
      return read(Path.of(property), shipped);
    }
    return Files.exists(userFile) ? read(userFile, shipped) : shipped;
  }

  /** Where the user's own record of a device lies: below {@code ~/.shardfire/devices}. */
  public static Path userFile(ComputeDevice device) {
    String words = device.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String slug = words.replaceAll("^-|-$", "");
    return Path.of(System.getProperty("user.home"), ".shardfire", "devices", slug + ".properties");
  }

  /** The defaults. */
  public static DeviceRecord shipped() {
    return parse("shipped defaults", resource("default"), Map.of());
  }

  /** What is shipped for a device: the record of its family, or the defaults. */
  public static DeviceRecord shipped(ComputeDevice device) {
    return DeviceFamily.of(device)
        .map(DeviceFamily::label)
        .map(label -> parse("shipped for " + label, resource(label), values(shipped())))
        .orElseGet(DeviceRecords::shipped);
  }

  private static Properties resource(String name) {
    String file = FOLDER + name + ".properties";
    Properties properties = new Properties();
    try (Reader in =
        new InputStreamReader(
            DeviceRecords.class.getResourceAsStream(file), StandardCharsets.UTF_8)) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read a shipped record: resource=" + file, e);
    }
    return properties;
  }

  private static Map<Tunable, Integer> values(DeviceRecord record) {
    Map<Tunable, Integer> values = new EnumMap<>(Tunable.class);
    for (Tunable tunable : Tunable.values()) {
      values.put(tunable, record.value(tunable));
    }
    return values;
  }

  /**
   * Reads a record; keys that it lacks are as shipped.
   *
   * @throws ComputeException when the file cannot be read, or naming the key that is wrong
   */
  static DeviceRecord read(Path file, DeviceRecord shipped) {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    } catch (IOException | IllegalArgumentException e) {
      throw new ComputeException(
          "Cannot read the device record; correct or remove it: record=" + file + ", cause=" + e,
          e);
    }
    return parse(file.toString(), properties, values(shipped));
  }

  private static DeviceRecord parse(
      String source, Properties properties, Map<Tunable, Integer> defaults) {
    Map<Tunable, Integer> values = new EnumMap<>(Tunable.class);
    values.putAll(defaults);
    for (String key : new TreeSet<>(properties.stringPropertyNames())) {
      Tunable tunable = find(source, key);
      values.put(
          tunable, DeviceRecord.requireAllowed(source, tunable, properties.getProperty(key)));
    }
    return new DeviceRecord(source, values);
  }

  private static Tunable find(String source, String key) {
    return Arrays.stream(Tunable.values())
        .filter(tunable -> tunable.key().equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new ComputeException(
                    "Unknown key in the device record; correct or remove it: record="
                        + source
                        + ", key="
                        + key
                        + ", keys="
                        + Arrays.stream(Tunable.values()).map(Tunable::key).toList()));
  }

  /**
   * Writes a record; readers see the old file or all of the new one.
   *
   * @throws ComputeException when it cannot be written
   */
  public static void write(DeviceRecord record, Path file, String device) {
    StringBuilder text = new StringBuilder();
    text.append("# Sizes for ").append(device.strip());
    text.append(", written by 'shardfire bench tune'. Remove this file to go back to the\n");
    text.append("# defaults. No value changes a bit of any result.\n");
    for (Tunable tunable : Tunable.values()) {
      text.append(tunable.key()).append('=').append(record.value(tunable)).append('\n');
    }
    try {
      Path folder = file.toAbsolutePath().getParent();
      Files.createDirectories(folder);
      Path draft = Files.createTempFile(folder, ".record", ".tmp");
      try {
        Files.writeString(draft, text);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(draft);
      }
    } catch (IOException e) {
      throw new ComputeException(
          "Cannot write the device record: record=" + file + ", cause=" + e, e);
    }
  }
}
