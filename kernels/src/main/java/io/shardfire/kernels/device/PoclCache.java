package io.shardfire.kernels.device;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * The folder where PoCL keeps compiled kernels. PoCL makes it when devices are listed, and offers
 * none where it cannot.
 *
 * @param folder as PoCL spells it
 */
public record PoclCache(String folder) {
  /** Whether a platform of this version, such as {@code OpenCL 3.0 PoCL 3.1}, is PoCL. */
  public static boolean isOf(String platformVersion) {
    return platformVersion.toLowerCase(Locale.ROOT).contains("pocl");
  }

  /** That of this process. */
  public static PoclCache ofThisProcess() {
    return of(System.getenv());
  }

  /** The folder that PoCL chooses under an environment. */
  static PoclCache of(Map<String, String> environment) {
    if (environment.containsKey("POCL_CACHE_DIR")) {
      return new PoclCache(environment.get("POCL_CACHE_DIR"));
    }
    String shared = environment.getOrDefault("XDG_CACHE_HOME", "");
    if (!shared.isEmpty()) {
      return new PoclCache(shared + "/pocl/kcache");
    }
    return new PoclCache(
        environment.containsKey("HOME")
            ? environment.get("HOME") + "/.cache/pocl/kcache"
            : "/tmp/pocl/kcache");
  }

  /** Tries what PoCL tries; permissions alone do not tell, for read-only and virtual folders. */
  boolean isWritable() {
    try {
      return Files.isWritable(Files.createDirectories(Path.of(folder)));
    } catch (IOException | InvalidPathException e) {
      return false;
    }
  }
}
