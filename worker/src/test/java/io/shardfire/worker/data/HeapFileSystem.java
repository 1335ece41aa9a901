package io.shardfire.worker.data;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * Local files under a scheme of their own, so that they are not taken for local. Counts what is
 * open and what is read by offset, and fails on request.
 */
public final class HeapFileSystem extends RawLocalFileSystem {
  private static final URI NAME = URI.create("heap:///");

  /** Streams open now, in all file systems of the tests of one thread at a time. */
  static final AtomicInteger OPEN = new AtomicInteger();

  static final AtomicInteger MOST_OPEN = new AtomicInteger();
  static final AtomicInteger READS = new AtomicInteger();

  /** Reads by offset fail from now on. */
  static volatile boolean broken;

  /** Forgets what earlier tests did. */
  static void reset() {
    OPEN.set(0);
    MOST_OPEN.set(0);
    READS.set(0);
    broken = false;
  }

  /** A configuration that knows the scheme. */
  static Configuration configuration() {
    Configuration configuration = new Configuration(false);
    configuration.setClass("fs.heap.impl", HeapFileSystem.class, HeapFileSystem.class);
    configuration.setBoolean("fs.heap.impl.disable.cache", true);
    return configuration;
  }

  @Override
  public URI getUri() {
    return NAME;
  }

  @Override
  public FSDataInputStream open(Path file, int bufferBytes) throws IOException {
    int open = OPEN.incrementAndGet();
    MOST_OPEN.accumulateAndGet(open, Math::max);
    return new FSDataInputStream(new Counted(super.open(file, bufferBytes)));
  }

  private static final class Counted extends FSInputStream {
    private final FSDataInputStream in;

    Counted(FSDataInputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      return in.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return in.read(bytes, offset, length);
    }

    @Override
    public void readFully(long position, byte[] bytes, int offset, int length) throws IOException {
      READS.incrementAndGet();
      if (broken) {
        throw new IOException("the data node is gone");
      }
      in.readFully(position, bytes, offset, length);
    }

    @Override
    public void seek(long position) throws IOException {
      in.seek(position);
    }

    @Override
    public long getPos() throws IOException {
      return in.getPos();
    }

    @Override
    public boolean seekToNewSource(long target) {
      return false;
    }

    @Override
    public void close() throws IOException {
      OPEN.decrementAndGet();
      in.close();
    }
  }
}
