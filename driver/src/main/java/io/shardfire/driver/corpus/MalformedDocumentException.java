package io.shardfire.driver.corpus;

/**
 * A document that cannot be read. Tasks know the byte offset; the line number is worked out by the
 * driver, once, for the failure that is reported.
 */
final class MalformedDocumentException extends CorpusException {
  private static final long serialVersionUID = 1L;

  private final String category;
  private final String file;
  private final long offset;
  private final String detail;
  private final String remedy;

  MalformedDocumentException(
      String category, String file, long offset, String detail, String remedy) {
    super(message(category, file, "", offset, detail, remedy));
    this.category = category;
    this.file = file;
    this.offset = offset;
    this.detail = detail;
    this.remedy = remedy;
  }

  private static String message(
      String category, String file, String line, long offset, String detail, String remedy) {
    return "%s: file=%s%s offset=%s%s. %s"
        .formatted(category, file, line, offset, detail.isEmpty() ? "" : " " + detail, remedy);
  }

  String file() {
    return file;
  }

  /** Position of the first bad byte in the file's (decompressed) bytes. */
  long offset() {
    return offset;
  }

  /** The same failure with the 1-based number of the line that holds the offset. */
  CorpusException atLine(long line) {
    return new CorpusException(message(category, file, " line=" + line, offset, detail, remedy));
  }
}
