package io.shardfire.driver.corpus;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Finds the line of a byte offset, by reading the file up to it: only ever done for an error. */
final class LineNumbers {
  private final InputStreams streams;

  LineNumbers(Configuration configuration) {
    this.streams = new InputStreams(configuration);
  }

  /** The failure with its line where it has one; without when the file cannot be read again. */
  CorpusException locate(CorpusException failure) {
    return failure instanceof MalformedDocumentException malformed ? locate(malformed) : failure;
  }

  private CorpusException locate(MalformedDocumentException failure) {
    try (InputStream in = streams.open(new Path(failure.file()), 0)) {
      byte[] buffer = new byte[1 << 16];
      long line = 1;
      long left = failure.offset();
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (read < 0) {
          break;
        }
        for (int i = 0; i < read; i++) {
          line += buffer[i] == '\n' ? 1 : 0;
        }
        left -= read;
      }
      return failure.atLine(line);
    } catch (IOException e) {
      failure.addSuppressed(e);
      return failure;
    }
  }
}
