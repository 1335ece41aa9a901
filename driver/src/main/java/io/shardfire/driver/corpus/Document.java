package io.shardfire.driver.corpus;

/**
 * One document.
 *
 * @param file qualified path of its file
 * @param offset where it begins in the file's (decompressed) bytes
 * @param text never blank
 */
record Document(String file, long offset, String text) {}
