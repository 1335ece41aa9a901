package io.shardfire.driver.monitor;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/** A local file system that, like an object store, shows a file only when it is closed. */
public final class UnpublishedFileSystem extends RawLocalFileSystem {
  @Override
  public URI getUri() {
    return URI.create("closed:///");
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      boolean overwrite,
      int buffer,
      short replication,
      long block,
      Progressable progress)
      throws IOException {
    return unpublished(super.create(path, overwrite, buffer, replication, block, progress));
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int buffer,
      short replication,
      long block,
      Progressable progress)
      throws IOException {
    return unpublished(
        super.create(path, permission, overwrite, buffer, replication, block, progress));
  }

  private static FSDataOutputStream unpublished(FSDataOutputStream out) throws IOException {
    return new FSDataOutputStream(new FilterOutputStream(out), null);
  }
}
