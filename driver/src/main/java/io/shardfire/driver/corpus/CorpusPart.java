package io.shardfire.driver.corpus;

import java.io.Serializable;
import java.util.List;

/**
 * The work of one task: neighbouring slices, in reading order.
 *
 * @param index position in reading order, from 0
 * @param slices in reading order
 * @param bytes stored bytes of the slices
 */
record CorpusPart(int index, List<CorpusSlice> slices, long bytes) implements Serializable {
  CorpusPart {
    slices = List.copyOf(slices);
  }
}
