package io.shardfire.driver.corpus;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Cuts a stream into lines and knows where each begins. Lines end with LF; a CR before it belongs
 * to the line end. Not thread-safe.
 */
final class LineSource {
  private static final int BUFFER_BYTES = 1 << 16;

  private final String file;
  private final InputStream in;
  private final int maximumBytes;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int position;
  private int limit;
  private byte[] line = new byte[256];
  private int length;
  private long offset;
  private long nextOffset;

  /**
   * @param file named in errors
   * @param start offset of the stream's first byte
   * @param maximumBytes longest line accepted
   */
  LineSource(String file, InputStream in, long start, int maximumBytes) {
    this.file = file;
    this.in = in;
    this.maximumBytes = maximumBytes;
    this.nextOffset = start;
  }

  /** Moves to the next line; false at the end. A last line without LF counts, an empty one not. */
  boolean next() throws IOException {
    offset = nextOffset;
    length = 0;
    while (true) {
      if (position == limit) {
        limit = in.read(buffer, 0, buffer.length);
        position = 0;
        if (limit < 0) {
          limit = 0;
          nextOffset = offset + length;
          return length > 0;
        }
      }
      int end = position;
      while (end < limit && buffer[end] != '\n') {
        end++;
      }
      append(end - position);
      position = end;
      if (end < limit) {
        position++;
        nextOffset = offset + length + 1;
        if (length > 0 && line[length - 1] == '\r') {
          length--;
        }
        return true;
      }
    }
  }

  private void append(int count) {
    if (count > maximumBytes - length) {
      throw new MalformedDocumentException(
          "Line too long",
          file,
          offset,
          "maximum-bytes=" + maximumBytes,
          "Break the text into lines, or check that this is a text file");
    }
    if (length + count > line.length) {
      line = Arrays.copyOf(line, Math.max(length + count, Math.min(2 * line.length, maximumBytes)));
    }
    System.arraycopy(buffer, position, line, length, count);
    length += count;
  }

  /** The line's bytes stand in [0, {@link #length()}), valid until the next call of next. */
  byte[] bytes() {
    return line;
  }

  int length() {
    return length;
  }

  /** Where the line begins. */
  long offset() {
    return offset;
  }

  /** Where the line after this one begins. */
  long nextOffset() {
    return nextOffset;
  }
}
