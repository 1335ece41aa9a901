package io.shardfire.driver.corpus;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * What Hadoop does not tell of the local file system: which paths lead to one file, and which names
 * its listing of a folder leaves out without a word. Those are links to nothing, and names that are
 * not in the encoding of the locale, which Java can list and not open.
 */
final class LocalFolder {
  private LocalFolder() {}

  /** The path on this machine; empty on any other file system. */
  static Optional<Path> path(FileSystem files, org.apache.hadoop.fs.Path path) {
    if (files instanceof LocalFileSystem local) {
      return Optional.of(local.pathToFile(path).toPath());
    }
    return files instanceof RawLocalFileSystem raw
        ? Optional.of(raw.pathToFile(path).toPath())
        : Optional.empty();
  }

  /** Equal for paths that lead to one file or folder, by links of either kind. */
  static Object identity(FileSystem files, org.apache.hadoop.fs.Path path) throws IOException {
    Optional<Path> local = path(files, path);
    if (local.isEmpty()) {
      return path.toString();
    }
    Object key = Files.readAttributes(local.get(), BasicFileAttributes.class).fileKey();
    return key == null ? local.get().toRealPath() : key;
  }

  /**
   * Names of a folder's links to nothing, in order.
   *
   * @param wanted which names matter
   * @param listed what Hadoop found in the folder
   * @throws CorpusException when a name that matters cannot be read
   */
  static List<String> brokenLinks(
      FileSystem files,
      org.apache.hadoop.fs.Path folder,
      Predicate<String> wanted,
      Stream<FileStatus> listed)
      throws IOException {
    Optional<Path> local = path(files, folder);
    if (local.isEmpty()) {
      return List.of();
    }
    Set<String> known =
        listed.map(status -> status.getPath().getName()).collect(Collectors.toSet());
    List<String> broken = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(local.get())) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (known.contains(name) || !wanted.test(name)) {
          continue;
        }
        if (Files.isSymbolicLink(entry) && !Files.exists(entry)) {
          broken.add(name);
        } else if (name.indexOf('\uFFFD') >= 0) {
          throw new CorpusException(
              "The name of a file is not in the encoding of this locale: folder=%s name=%s"
                      .formatted(folder, name)
                  + " encoding=%s. Set LC_ALL to a UTF-8 locale such as C.UTF-8, or rename the file"
                      .formatted(System.getProperty("sun.jnu.encoding")));
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    broken.sort(null);
    return broken;
  }
}
