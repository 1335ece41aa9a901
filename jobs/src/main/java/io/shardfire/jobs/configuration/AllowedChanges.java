package io.shardfire.jobs.configuration;

import io.shardfire.worker.resume.SettingClass;
import io.shardfire.worker.resume.SettingClasses;
import java.util.List;

/** The keys of {@code --allow-change}. */
final class AllowedChanges {
  private AllowedChanges() {}

  /**
   * Checks that every key is one of a setting that can be allowed to change.
   *
   * @throws ConfigurationException naming the key, and the one that was probably meant
   */
  static void check(List<String> keys, boolean resume) {
    if (!keys.isEmpty() && !resume) {
      throw new ConfigurationException(
          "--allow-change is about a run that is resumed; give --resume, or leave it out:"
              + " --allow-change "
              + String.join(",", keys));
    }
    for (String key : keys) {
      if (!SettingClasses.contains(key)) {
        throw new ConfigurationException(
            "Unknown key " + key + " (--allow-change " + key + "); " + suggestion(key));
      }
      switch (SettingClasses.of(key)) {
        case FIXED ->
            throw new ConfigurationException(
                key
                    + " cannot change within a run (--allow-change "
                    + key
                    + "); leave it as it was, or choose another run folder");
        case FREE ->
            throw new ConfigurationException(
                key
                    + " may change without being allowed to (--allow-change "
                    + key
                    + "); leave the option out");
        case TRAJECTORY -> {}
      }
    }
  }

  private static String suggestion(String key) {
    List<String> changeable = SettingClasses.keys(SettingClass.TRAJECTORY);
    return NearestKey.of(key, changeable)
        .map(nearest -> "did you mean " + nearest + "?")
        .orElse("settings that can be allowed to change: " + String.join(", ", changeable));
  }
}
