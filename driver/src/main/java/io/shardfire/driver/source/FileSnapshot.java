package io.shardfire.driver.source;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * Files as they were when they were read.
 *
 * @param count how many
 * @param bytes of all
 * @param sha256 of a line "path, tab, bytes, tab, modified" for each, in the order of paths
 * @param first those that are named: at most {@value #MOST_NAMED}
 */
public record FileSnapshot(int count, long bytes, String sha256, List<FileVersion> first) {
  private static final int MOST_NAMED = 1000;

  /** Copies. */
  public FileSnapshot {
    first = List.copyOf(first);
  }

  /**
   * A file.
   *
   * @param modified as ISO 8601 has it
   */
  public record FileVersion(String path, long bytes, String modified) {}

  /** Of files that were listed. */
  public static FileSnapshot of(Collection<FileStatus> files) {
    MessageDigest digest = digest();
    List<FileVersion> versions =
        files.stream()
            .map(
                file ->
                    new FileVersion(
                        file.getPath().toString(),
                        file.getLen(),
                        Instant.ofEpochMilli(file.getModificationTime()).toString()))
            .sorted(Comparator.comparing(FileVersion::path))
            .toList();
    for (FileVersion file : versions) {
      String line = file.path() + "\t" + file.bytes() + "\t" + file.modified() + "\n";
      digest.update(line.getBytes(StandardCharsets.UTF_8));
    }
    return new FileSnapshot(
        versions.size(),
        versions.stream().mapToLong(FileVersion::bytes).sum(),
        HexFormat.of().formatHex(digest.digest()),
        versions.subList(0, Math.min(MOST_NAMED, versions.size())));
  }

  /**
   * Of files that Spark names. Folders are listed, which is one request for many files.
   *
   * @param uris as {@code Dataset.inputFiles} gives them
   */
  static FileSnapshot of(String[] uris, Configuration hadoop) throws IOException {
    Set<Path> wanted = new TreeSet<>();
    Set<Path> folders = new TreeSet<>();
    for (String uri : uris) {
      Path path = new Path(URI.create(uri));
      wanted.add(path);
      folders.add(path.getParent());
    }
    List<FileStatus> found = new ArrayList<>();
    for (Path folder : folders) {
      Arrays.stream(folder.getFileSystem(hadoop).listStatus(folder))
          .filter(file -> wanted.contains(file.getPath()))
          .forEach(found::add);
    }
    return of(found);
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
