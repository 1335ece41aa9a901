package io.shardfire.driver.corpus;

/**
 * One document, or one pair.
 *
 * @param file qualified path of its file
 * @param offset where it begins in the file's (decompressed) bytes
 * @param text never blank; of a pair the source
 * @param target of a pair, never blank; else null
 */
record Document(String file, long offset, String text, String target) {
  Document(String file, long offset, String text) {
    this(file, offset, text, null);
  }

  boolean isPair() {
    return target != null;
  }
}
