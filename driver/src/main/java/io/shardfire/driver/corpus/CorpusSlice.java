package io.shardfire.driver.corpus;

import java.io.Serializable;

/**
 * A range of one input file. A slice owns the lines that begin inside it.
 *
 * @param file qualified path
 * @param start first byte; 0 unless the file is cut
 * @param end one past the last byte; {@link Long#MAX_VALUE} reads to the end of the (decompressed)
 *     file
 */
record CorpusSlice(String file, long start, long end) implements Serializable {}
