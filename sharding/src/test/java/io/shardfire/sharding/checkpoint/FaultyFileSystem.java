package io.shardfire.sharding.checkpoint;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.function.BiPredicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** Local files; chosen operations fail as on a full disk, and none succeeds after a crash. */
final class FaultyFileSystem extends FilterFileSystem {
  private final BiPredicate<String, String> fault;
  private final boolean crashes;
  private volatile boolean crashed;

  private FaultyFileSystem(boolean crashes, BiPredicate<String, String> fault) {
    super(new RawLocalFileSystem());
    this.crashes = crashes;
    this.fault = fault;
  }

  /**
   * Fails where the predicate holds of operation (create, write, rename, delete, mkdirs) and file
   * name.
   *
   * @param crashes whether all later operations fail too, as when the process is gone
   */
  static FaultyFileSystem create(boolean crashes, BiPredicate<String, String> fault)
      throws IOException {
    FaultyFileSystem files = new FaultyFileSystem(crashes, fault);
    files.initialize(URI.create("file:///"), new Configuration(false));
    return files;
  }

  private void check(String operation, Path path) throws IOException {
    if (crashed || fault.test(operation, path.getName())) {
      crashed = crashes;
      throw new IOException("No space left on device");
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
    check("create", path);
    FSDataOutputStream out =
        super.create(path, permission, overwrite, bufferSize, replication, blockSize, progress);
    return new FSDataOutputStream(
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
          }

          @Override
          public void write(byte[] source, int offset, int length) throws IOException {
            out.write(source, offset, length / 2);
            check("write", path);
            out.write(source, offset + length / 2, length - length / 2);
          }

          @Override
          public void close() throws IOException {
            out.close();
          }
        },
        null);
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    check("rename", to);
    return super.rename(from, to);
  }

  @Override
  public boolean delete(Path path, boolean recursive) throws IOException {
    check("delete", path);
    return super.delete(path, recursive);
  }

  @Override
  public boolean mkdirs(Path path) throws IOException {
    check("mkdirs", path);
    return super.mkdirs(path);
  }
}
