package io.shardfire.driver.corpus;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.GlobFilter;
import org.apache.hadoop.fs.Path;

/**
 * Follows input paths to the files behind them, each once, whatever leads there, and keeps account
 * of what it skips. The result depends on the files and the set of inputs, not on their order. Not
 * thread-safe.
 */
final class InputListing {
  private final Configuration configuration;
  private final NavigableMap<String, FileStatus> roots = new TreeMap<>();
  private final NavigableMap<String, FileStatus> files = new TreeMap<>();
  private final NavigableMap<String, SkippedInput> skipped = new TreeMap<>();
  private final Map<Object, String> folders = new HashMap<>();

  InputListing(Configuration configuration) {
    this.configuration = configuration;
  }

  /** Adds what a path or glob means. */
  void add(String input) throws IOException {
    Path path = new Path(input);
    FileSystem fileSystem = path.getFileSystem(configuration);
    // A path may hold characters that globs use; it then means itself.
    try {
      FileStatus named = fileSystem.getFileStatus(path);
      roots.put(named.getPath().toString(), named);
    } catch (FileNotFoundException e) {
      FileStatus[] matches = fileSystem.globStatus(path);
      if (matches == null || matches.length == 0) {
        throw missing(input, path, fileSystem, e);
      }
      match(path, fileSystem, matches);
    }
  }

  private static CorpusException missing(
      String input, Path path, FileSystem fileSystem, FileNotFoundException cause)
      throws IOException {
    Optional<java.nio.file.Path> local = LocalFolder.path(fileSystem, path);
    if (local.isPresent() && Files.isSymbolicLink(local.get())) {
      return new CorpusException(
          "Input is a link to nothing: input=%s target=%s. Mend the link, or give the file itself"
              .formatted(input, Files.readSymbolicLink(local.get())),
          cause);
    }
    return new CorpusException(
        "No such input: input=%s. Check the path or glob".formatted(input), cause);
  }

  private void match(Path glob, FileSystem fileSystem, FileStatus[] matches) throws IOException {
    // Whoever writes .* or _* wants them.
    boolean hiddenToo = InputName.isHidden(glob.getName());
    for (FileStatus match : matches) {
      String path = match.getPath().toString();
      if (!hiddenToo && InputName.isHidden(match.getPath().getName())) {
        skip(SkippedInput.hidden(path));
      } else {
        roots.put(path, match);
      }
    }
    Path parent = fileSystem.makeQualified(glob).getParent();
    GlobFilter pattern = new GlobFilter(glob.getName());
    if (parent != null && fileSystem.exists(parent)) {
      skipBrokenLinks(
          fileSystem,
          parent,
          name ->
              pattern.accept(new Path(null, null, name))
                  && (hiddenToo || !InputName.isHidden(name)),
          fileSystem.listStatus(parent));
    }
  }

  /** All that was added, followed to its end. */
  InputFiles finish() throws IOException {
    for (FileStatus root : roots.values()) {
      collect(root);
    }
    Map<Object, String> seen = new HashMap<>();
    List<FileStatus> read = new ArrayList<>();
    for (FileStatus file : files.values()) {
      String path = file.getPath().toString();
      FileSystem fileSystem = file.getPath().getFileSystem(configuration);
      String same = seen.putIfAbsent(LocalFolder.identity(fileSystem, file.getPath()), path);
      if (same != null) {
        skip(SkippedInput.same(path, same));
      } else if (file.getLen() == 0) {
        skip(SkippedInput.empty(path));
      } else {
        read.add(file);
      }
    }
    return new InputFiles(read, List.copyOf(skipped.values()));
  }

  private void collect(FileStatus status) throws IOException {
    String path = status.getPath().toString();
    if (status.isFile()) {
      files.put(path, status);
      return;
    }
    FileSystem fileSystem = status.getPath().getFileSystem(configuration);
    String same = folders.putIfAbsent(LocalFolder.identity(fileSystem, status.getPath()), path);
    if (same != null) {
      // Links may lead back to a folder around them.
      if (!same.equals(path)) {
        skip(SkippedInput.same(path, same));
      }
      return;
    }
    FileStatus[] inside = fileSystem.listStatus(status.getPath());
    Arrays.sort(inside, Comparator.comparing(child -> child.getPath().toString()));
    for (FileStatus child : inside) {
      if (InputName.isHidden(child.getPath().getName())) {
        skip(SkippedInput.hidden(child.getPath().toString()));
      } else {
        collect(child);
      }
    }
    skipBrokenLinks(fileSystem, status.getPath(), name -> !InputName.isHidden(name), inside);
  }

  private void skipBrokenLinks(
      FileSystem fileSystem, Path folder, Predicate<String> wanted, FileStatus[] listed)
      throws IOException {
    for (String name : LocalFolder.brokenLinks(fileSystem, folder, wanted, Arrays.stream(listed))) {
      skip(SkippedInput.brokenLink(folder + "/" + name));
    }
  }

  private void skip(SkippedInput input) {
    skipped.put(input.path(), input);
  }
}
