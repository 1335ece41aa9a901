package io.shardfire.driver.corpus;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads a compressed file and tells its two kinds of failure apart: the file system's, which are
 * passed on, and the decoder's, which mean that the file is damaged. Not thread-safe.
 */
final class CompressedStream extends InputStream {
  private final Stored stored;
  private final InputStream decoded;

  /** Makes a decoder of stored bytes. */
  @FunctionalInterface
  interface Decoder {
    InputStream open(InputStream stored) throws IOException;
  }

  /** The file ends too early or holds what its format does not allow. */
  static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    private DamagedException(Exception cause) {
      super(Reason.of(cause), cause);
    }
  }

  /** The file's own bytes; remembers whether reading them failed. */
  private static final class Stored extends FilterInputStream {
    private boolean failed;

    Stored(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      try {
        return super.read();
      } catch (IOException | RuntimeException e) {
        failed = true;
        throw e;
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        return super.read(bytes, offset, length);
      } catch (IOException | RuntimeException e) {
        failed = true;
        throw e;
      }
    }
  }

  /** Takes over the stream, which is closed with this one. */
  CompressedStream(InputStream in, Decoder decoder) throws IOException {
    stored = new Stored(in);
    try {
      decoded = decoder.open(stored);
    } catch (IOException | RuntimeException e) {
      throw failure(e);
    }
  }

  private IOException failure(Exception e) {
    if (!stored.failed) {
      return new DamagedException(e);
    }
    return e instanceof IOException io ? io : new IOException(e);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int read = read(one, 0, 1);
    return read < 0 ? read : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    try {
      return decoded.read(bytes, offset, length);
    } catch (IOException | RuntimeException e) {
      throw failure(e);
    }
  }

  @Override
  public void close() throws IOException {
    decoded.close();
  }
}
