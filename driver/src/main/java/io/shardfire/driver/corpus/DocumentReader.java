package io.shardfire.driver.corpus;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Reads the documents of a part, in order. Blank documents are skipped, a byte order mark at the
 * start of a file is dropped. Not thread-safe.
 *
 * <p>Limit: a document (in JSON lines: a line) has at most {@value #MAXIMUM_DOCUMENT_BYTES} bytes,
 * since it is tokenized as one string.
 */
final class DocumentReader {
  static final int MAXIMUM_DOCUMENT_BYTES = 1 << 28;

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final DocumentMode mode;
  private final String jsonField;
  private final InputStreams streams;
  private final StrictUtf8 utf8 = new StrictUtf8();
  private final JsonFields json = new JsonFields();

  DocumentReader(DocumentMode mode, String jsonField, Configuration configuration) {
    this.mode = mode;
    this.jsonField = jsonField;
    this.streams = new InputStreams(configuration);
  }

  /** Takes the documents one by one. */
  @FunctionalInterface
  interface Sink {
    void accept(Document document);
  }

  /**
   * @throws MalformedDocumentException for text that is not what it should be
   * @throws CorpusException for a file that cannot be read
   */
  void read(CorpusPart part, Sink sink) {
    for (CorpusSlice slice : part.slices()) {
      Path path = new Path(slice.file());
      // From a line on, a slice is found by the line end before its first byte.
      long from = Math.max(0, slice.start() - 1);
      try (InputStream stream = streams.open(path, from)) {
        InputStream in = slice.start() == 0 ? checked(stream, slice.file()) : stream;
        if (mode == DocumentMode.FILE) {
          readFile(slice, in, sink);
        } else {
          LineSource lines = new LineSource(slice.file(), in, from, MAXIMUM_DOCUMENT_BYTES);
          if (slice.start() > 0) {
            lines.next();
          }
          readLines(slice, lines, sink);
        }
      } catch (CompressedStream.DamagedException e) {
        throw new CorpusException(
            "Damaged compressed file: file=%s reason=%s. Copy it again from where it is whole, or"
                    .formatted(slice.file(), Reason.of(e))
                + " leave it out",
            e);
      } catch (IOException e) {
        throw TransientCorpusException.unlessFinal(
            "Cannot read: file=%s reason=%s. Check that the file is there and readable on every"
                    .formatted(slice.file(), Reason.of(e))
                + " machine",
            e);
      }
    }
  }

  /** The stream, once its first bytes show no encoding but UTF-8. */
  private static InputStream checked(InputStream in, String file) throws IOException {
    byte[] start = in.readNBytes(ForeignEncoding.SAMPLE_BYTES);
    Optional<ForeignEncoding> foreign = ForeignEncoding.of(start);
    if (foreign.isPresent()) {
      throw foreign.get().refuse(file);
    }
    return new SequenceInputStream(new ByteArrayInputStream(start), in);
  }

  private void readFile(CorpusSlice slice, InputStream in, Sink sink) throws IOException {
    byte[] bytes = in.readNBytes(MAXIMUM_DOCUMENT_BYTES + 1);
    if (bytes.length > MAXIMUM_DOCUMENT_BYTES) {
      throw new CorpusException(
          "Document too long: file=%s maximum-bytes=%s. Use documents=LINE or BLANK_LINES, or cut the file"
              .formatted(slice.file(), MAXIMUM_DOCUMENT_BYTES));
    }
    int mark = byteOrderMark(bytes, bytes.length);
    String text = utf8.decode(bytes, mark, bytes.length - mark, slice.file(), mark);
    if (!text.isBlank()) {
      sink.accept(new Document(slice.file(), 0, text));
    }
  }

  private void readLines(CorpusSlice slice, LineSource lines, Sink sink) throws IOException {
    StringBuilder block = new StringBuilder();
    long blockOffset = 0;
    while (lines.nextOffset() < slice.end() && lines.next()) {
      int mark = lines.offset() == 0 ? byteOrderMark(lines.bytes(), lines.length()) : 0;
      long offset = lines.offset() + mark;
      String line = utf8.decode(lines.bytes(), mark, lines.length() - mark, slice.file(), offset);
      boolean blank = line.isBlank();
      if (mode == DocumentMode.BLANK_LINES) {
        if (!blank) {
          blockOffset = block.isEmpty() ? offset : blockOffset;
          append(block, line, slice.file(), blockOffset);
        } else if (!block.isEmpty()) {
          sink.accept(new Document(slice.file(), blockOffset, block.toString()));
          block.setLength(0);
        }
      } else if (!blank) {
        Document document = document(line, slice.file(), offset);
        if (!document.text().isBlank()) {
          sink.accept(document);
        }
      }
    }
    if (!block.isEmpty()) {
      sink.accept(new Document(slice.file(), blockOffset, block.toString()));
    }
  }

  private static void append(StringBuilder block, String line, String file, long offset) {
    if (block.length() + 1L + line.length() > MAXIMUM_DOCUMENT_BYTES) {
      throw new MalformedDocumentException(
          "Document too long",
          file,
          offset,
          "maximum-bytes=" + MAXIMUM_DOCUMENT_BYTES,
          "Part documents by blank lines, or use documents=LINE");
    }
    if (!block.isEmpty()) {
      block.append('\n');
    }
    block.append(line);
  }

  /** What a line holds that is a document of its own. */
  private Document document(String line, String file, long offset) {
    return switch (mode) {
      case JSON_LINES ->
          new Document(
              file,
              offset,
              JsonFields.text(
                  json.object(line, file, offset),
                  jsonField,
                  file,
                  offset,
                  "Give the name of the field that holds the text"));
      case PAIRS -> PairReader.ofTabs(line, file, offset);
      case JSON_PAIRS -> PairReader.ofJson(json.object(line, file, offset), file, offset);
      default -> new Document(file, offset, line);
    };
  }

  private static int byteOrderMark(byte[] bytes, int length) {
    int mark = BYTE_ORDER_MARK.length;
    return length >= mark && Arrays.equals(bytes, 0, mark, BYTE_ORDER_MARK, 0, mark) ? mark : 0;
  }
}
