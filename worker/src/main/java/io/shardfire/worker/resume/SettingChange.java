package io.shardfire.worker.resume;

/**
 * A setting that was changed, by name, when the run was resumed.
 *
 * @param step after which the new value holds
 * @param key as in a configuration file
 * @param from a Long, Float or String
 * @param to as {@code from}
 */
public record SettingChange(long step, String key, Object from, Object to) {
  @Override
  public String toString() {
    return key + " " + SettingText.of(from) + " -> " + SettingText.of(to);
  }
}
