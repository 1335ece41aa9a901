package io.shardfire.kernels.device;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Why this machine lists no OpenCL device, as far as its files tell: no driver, or a PoCL that
 * cannot write its cache.
 *
 * @param remedy what to do
 * @param evidence what was looked at, as {@code name=value}
 */
public record MissingDevice(String remedy, String evidence) {
  /** Where the loader finds drivers: files that each name a library. */
  private static final String DRIVERS = "/etc/OpenCL/vendors";

  private static final String SUFFIX = ".icd";

  /** Looks at this machine and the environment of this process. */
  public static MissingDevice explain() {
    return explain(System.getenv());
  }

  static MissingDevice explain(Map<String, String> environment) {
    String place = environment.getOrDefault("OCL_ICD_VENDORS", DRIVERS);
    List<String> drivers = drivers(place);
    String looked = "drivers=" + drivers + " in " + place;
    if (drivers.isEmpty()) {
      return new MissingDevice(
          "install a driver, on Debian and Ubuntu the packages pocl-opencl-icd and"
              + " ocl-icd-libopencl1",
          looked);
    }
    PoclCache cache = PoclCache.of(environment);
    boolean pocl =
        drivers.stream().anyMatch(name -> name.toLowerCase(Locale.ROOT).contains("pocl"));
    if (pocl && !cache.isWritable()) {
      return new MissingDevice(
          "PoCL is installed, and offers a device only where it can write its cache: let"
              + " POCL_CACHE_DIR name a folder that can be written to, for executors with --conf"
              + " spark.executorEnv.POCL_CACHE_DIR=FOLDER",
          "cache=" + cache.folder() + ", " + looked);
    }
    return new MissingDevice(
        "a driver is installed, and offers none: see whether it and its loader (libOpenCL.so.1,"
            + " Debian and Ubuntu: ocl-icd-libopencl1) are whole, with the command clinfo",
        (pocl ? "cache=" + cache.folder() + ", " : "") + looked);
  }

  /** Names of the drivers' files, in order; the place is a folder of them or one itself. */
  private static List<String> drivers(String place) {
    List<String> names = new ArrayList<>();
    try {
      Path path = Path.of(place);
      if (place.endsWith(SUFFIX)) {
        return Files.isReadable(path) ? List.of(path.getFileName().toString()) : List.of();
      }
      try (DirectoryStream<Path> files = Files.newDirectoryStream(path, "*" + SUFFIX)) {
        files.forEach(file -> names.add(file.getFileName().toString()));
      }
    } catch (IOException | InvalidPathException e) {
      // Where nothing can be read there is no driver, which is what will be said.
      return List.of();
    }
    names.sort(null);
    return List.copyOf(names);
  }
}
