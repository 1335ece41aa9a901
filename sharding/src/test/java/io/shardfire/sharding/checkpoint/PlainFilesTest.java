package io.shardfire.sharding.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FilterFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlainFilesTest {
  private static final byte[] OLD = "old".getBytes(StandardCharsets.UTF_8);
  private static final byte[] NEW = "the new one".getBytes(StandardCharsets.UTF_8);
  private static final Path FILE = new Path("/run/step-00000001/manifest.json");

  @TempDir java.nio.file.Path folder;
  private ObjectStore store;

  @BeforeEach
  void open() throws IOException {
    store = new ObjectStore();
    store.initialize(URI.create("file:///"), new Configuration(false));
  }

  @Test
  void shouldPutAnObjectWithoutRenaming() throws IOException {
    PlainFiles.writeAtomically(store, FILE, OLD);
    PlainFiles.writeAtomically(store, FILE, NEW);

    assertEquals(1, store.objects.size());
    assertArrayEquals(NEW, store.objects.get(FILE));
  }

  @Test
  void shouldNotPublishAnObjectThatIsNotWhole() throws IOException {
    PlainFiles.writeAtomically(store, FILE, OLD);
    store.full = true;

    assertThrows(IOException.class, () -> PlainFiles.writeAtomically(store, FILE, NEW));

    assertArrayEquals(OLD, store.objects.get(FILE));
  }

  @Test
  void shouldReplaceFilesByRenaming() throws IOException {
    FileSystem files = FileSystem.getLocal(new Configuration(false)).getRaw();
    java.nio.file.Path file = folder.resolve("manifest.json");
    Files.write(file, OLD);

    PlainFiles.writeAtomically(files, new Path(file.toUri()), NEW);

    assertArrayEquals(NEW, Files.readAllBytes(file));
    assertFalse(Files.exists(folder.resolve(".manifest.json.tmp")));
    assertTrue(folder.toFile().list().length == 1);
  }

  /** Objects that appear when their streams are closed, and that nothing renames. */
  private static final class ObjectStore extends FilterFileSystem {
    private final Map<Path, byte[]> objects = new TreeMap<>();
    private boolean full;

    ObjectStore() {
      super(new RawLocalFileSystem());
    }

    @Override
    public boolean hasPathCapability(Path path, String capability) {
      return capability.equals(CommonPathCapabilities.ABORTABLE_STREAM);
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
      return new FSDataOutputStream(new Upload(path), null);
    }

    @Override
    public boolean rename(Path from, Path to) {
      throw new UnsupportedOperationException("rename");
    }

    private final class Upload extends OutputStream implements Abortable {
      private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      private final Path path;
      private boolean aborted;

      Upload(Path path) {
        this.path = path;
      }

      @Override
      public void write(int b) throws IOException {
        if (full && bytes.size() == NEW.length / 2) {
          throw new IOException("No space left on device");
        }
        bytes.write(b);
      }

      @Override
      public void close() {
        if (!aborted) {
          objects.put(path, bytes.toByteArray());
        }
      }

      @Override
      public AbortableResult abort() {
        aborted = true;
        return null;
      }
    }
  }
}
