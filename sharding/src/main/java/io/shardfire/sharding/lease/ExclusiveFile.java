package io.shardfire.sharding.lease;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Creates files that must not exist yet. */
final class ExclusiveFile {
  private static final String CONDITIONAL =
      Options.CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE;

  /** Their create without overwrite is one step of their name node or service. */
  private static final Set<String> ATOMIC = Set.of("hdfs", "abfs", "abfss");

  private ExclusiveFile() {}

  /** Whether of two who create a file at the same time one must fail. */
  static boolean isAtomic(FileSystem files, Path path) throws IOException {
    return files instanceof RawLocalFileSystem
        || ATOMIC.contains(files.getScheme())
        || files.hasPathCapability(path, CONDITIONAL);
  }

  /** Creates a small file; false when it exists. */
  static boolean create(FileSystem files, Path path, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try {
      if (files instanceof RawLocalFileSystem local) {
        // Hadoop's own looks first and creates then.
        files.mkdirs(path.getParent());
        Files.write(
            local.pathToFile(path).toPath(),
            bytes,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE);
        return true;
      }
      try (FSDataOutputStream out = open(files, path)) {
        out.write(bytes);
      }
      return true;
    } catch (FileAlreadyExistsException | org.apache.hadoop.fs.FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      // An object store refuses with an error of its own when the file appears meanwhile.
      if (files.exists(path)) {
        return false;
      }
      throw e;
    }
  }

  private static FSDataOutputStream open(FileSystem files, Path path) throws IOException {
    if (!files.hasPathCapability(path, CONDITIONAL)) {
      return files.create(path, false);
    }
    FSDataOutputStreamBuilder<?, ?> builder = files.createFile(path);
    builder.recursive();
    builder.must(CONDITIONAL, true);
    return builder.build();
  }
}
