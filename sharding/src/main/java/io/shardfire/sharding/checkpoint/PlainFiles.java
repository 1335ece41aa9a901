package io.shardfire.sharding.checkpoint;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;

/**
 * Files as other tools expect to find them, on any Hadoop file system. Hadoop's local file system
 * puts a hidden {@code .crc} file beside each file, and refuses files that another tool has edited
 * since; checkpoints and corpora carry hashes of their own, so the raw local file system is used
 * instead. Thread-safe.
 */
public final class PlainFiles {
  private PlainFiles() {}

  /**
   * The file system of a path, raw where the path is local.
   *
   * @throws UncheckedIOException when there is no such file system, naming the path
   */
  public static FileSystem fileSystem(Configuration configuration, Path path) {
    try {
      FileSystem files = path.getFileSystem(configuration);
      return files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "File system cannot be reached: path=" + path + ", problem=" + e.getMessage(), e);
    }
  }

  /**
   * Writes a small file so that it is seen whole or not at all: as one object where the file system
   * is an object store, which would copy a file to rename it; elsewhere under a temporary name in
   * the same folder, then renamed. An older file of the name is replaced.
   */
  public static void writeAtomically(FileSystem files, Path path, byte[] content)
      throws IOException {
    if (files.hasPathCapability(path, CommonPathCapabilities.ABORTABLE_STREAM)) {
      put(files, path, content);
    } else {
      writeAndRename(files, path, content);
    }
  }

  /** An object appears when its stream is closed, which must not be after a failure. */
  private static void put(FileSystem files, Path path, byte[] content) throws IOException {
    FSDataOutputStream out = files.create(path, true);
    try {
      out.write(content);
    } catch (IOException e) {
      out.abort();
      throw e;
    }
    out.close();
  }

  private static void writeAndRename(FileSystem files, Path path, byte[] content)
      throws IOException {
    Path temporary = new Path(path.getParent(), "." + path.getName() + ".tmp");
    try (FSDataOutputStream out = files.create(temporary, true)) {
      out.write(content);
      sync(out);
    }
    if (!files.rename(temporary, path)) {
      // HDFS does not rename onto an existing file.
      files.delete(path, false);
      if (!files.rename(temporary, path)) {
        throw new IOException("Rename refused: from=" + temporary + ", to=" + path);
      }
    }
  }

  /**
   * Reads a small UTF-8 file whole.
   *
   * @throws IOException also when it has more than {@code limit} bytes, checked before reading
   */
  public static String readText(FileSystem files, Path path, int limit) throws IOException {
    long bytes = files.getFileStatus(path).getLen();
    if (bytes > limit) {
      throw new IOException(
          "File is too large: file=" + path + ", bytes=" + bytes + ", limit=" + limit);
    }
    byte[] content = new byte[Math.toIntExact(bytes)];
    try (FSDataInputStream in = files.open(path)) {
      in.readFully(0, content);
    }
    return new String(content, StandardCharsets.UTF_8);
  }

  /** Whether a path exists, with other errors passed on. */
  static boolean exists(FileSystem files, Path path) throws IOException {
    try {
      files.getFileStatus(path);
      return true;
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  /** Asks for the written bytes to reach the disk, where the file system can promise that. */
  static void sync(FSDataOutputStream out) throws IOException {
    if (out.hasCapability(StreamCapabilities.HSYNC)) {
      out.hsync();
    }
  }
}
