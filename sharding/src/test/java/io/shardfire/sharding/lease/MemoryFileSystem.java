package io.shardfire.sharding.lease;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PositionedReadable;
import org.apache.hadoop.fs.Seekable;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * A store in memory that several processes share, each through a file system of its own. Its clock
 * is moved by hand. A file appears whole when it is closed; {@code overwrite=false} is refused
 * either then, or, as on a plain object store, never.
 */
final class MemoryFileSystem extends FileSystem {
  /** What all processes see. */
  static final class Store {
    private final Map<Path, byte[]> contents = new TreeMap<>();
    private final Map<Path, Long> times = new TreeMap<>();
    private final boolean atomic;
    private final LongSupplier clock;

    Store(boolean atomic, LongSupplier clock) {
      this.atomic = atomic;
      this.clock = clock;
    }

    synchronized void put(Path path, byte[] content, boolean overwrite) throws IOException {
      if (atomic && !overwrite && contents.containsKey(path)) {
        throw new IOException("Precondition failed");
      }
      contents.put(path, content);
      times.put(path, clock.getAsLong());
    }

    synchronized List<Path> paths() {
      return new ArrayList<>(contents.keySet());
    }
  }

  /** Called before each operation; may wait, or throw as a store that cannot be reached does. */
  interface Gate {
    void before(String operation, Path path) throws IOException;
  }

  private final Store store;
  private final Gate gate;

  MemoryFileSystem(Store store, Gate gate) {
    this.store = store;
    this.gate = gate;
    setConf(new Configuration(false));
  }

  @Override
  public URI getUri() {
    return URI.create(getScheme() + "://test");
  }

  /** One of the schemes that are known to refuse, or one that is not. */
  @Override
  public String getScheme() {
    return store.atomic ? "hdfs" : "memory";
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    gate.before("open", path);
    synchronized (store) {
      byte[] content = store.contents.get(path);
      if (content == null) {
        throw new FileNotFoundException(path.toString());
      }
      return new FSDataInputStream(new Content(content));
    }
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    return new FSDataOutputStream(
        new ByteArrayOutputStream() {
          @Override
          public void close() throws IOException {
            gate.before("create", path);
            store.put(path, toByteArray(), overwrite);
          }
        },
        null);
  }

  @Override
  public FileStatus[] listStatus(Path folder) throws IOException {
    gate.before("list", folder);
    List<FileStatus> found = new ArrayList<>();
    synchronized (store) {
      for (Path path : store.contents.keySet()) {
        if (path.getParent().equals(folder)) {
          found.add(status(path));
        }
      }
    }
    if (found.isEmpty()) {
      throw new FileNotFoundException(folder.toString());
    }
    return found.toArray(FileStatus[]::new);
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    gate.before("status", path);
    synchronized (store) {
      if (!store.contents.containsKey(path)) {
        throw new FileNotFoundException(path.toString());
      }
      return status(path);
    }
  }

  private FileStatus status(Path path) {
    return new FileStatus(
        store.contents.get(path).length, false, 1, 1, store.times.get(path), path);
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    gate.before("delete", path);
    synchronized (store) {
      return store.contents.remove(path) != null;
    }
  }

  @Override
  public boolean mkdirs(Path path, FsPermission permission) {
    return true;
  }

  @Override
  public FSDataOutputStream append(Path path, int bufferSize, Progressable progress) {
    throw new UnsupportedOperationException("append");
  }

  @Override
  public boolean rename(Path from, Path to) {
    throw new UnsupportedOperationException("rename");
  }

  @Override
  public void setWorkingDirectory(Path folder) {
    throw new UnsupportedOperationException("setWorkingDirectory");
  }

  @Override
  public Path getWorkingDirectory() {
    return new Path("/");
  }

  private static final class Content extends ByteArrayInputStream
      implements Seekable, PositionedReadable {
    Content(byte[] content) {
      super(content);
    }

    @Override
    public void seek(long position) {
      throw new UnsupportedOperationException("seek");
    }

    @Override
    public long getPos() {
      return 0;
    }

    @Override
    public boolean seekToNewSource(long target) {
      return false;
    }

    @Override
    public int read(long position, byte[] buffer, int offset, int length) {
      throw new UnsupportedOperationException("read");
    }

    @Override
    public void readFully(long position, byte[] buffer, int offset, int length) {
      throw new UnsupportedOperationException("readFully");
    }

    @Override
    public void readFully(long position, byte[] buffer) {
      throw new UnsupportedOperationException("readFully");
    }
  }
}
