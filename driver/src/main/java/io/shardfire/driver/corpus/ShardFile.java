package io.shardfire.driver.corpus;

import io.shardfire.worker.data.TokenSplit;
import java.io.Serializable;

/**
 * A shard that a task wrote.
 *
 * @param name in the folder of unnamed shards
 * @param split it belongs to
 * @param tokens in it
 * @param documents in it, each part of a pair being one; a document that the contiguous split cuts
 *     counts in both shards
 * @param bytes of the file
 */
record ShardFile(String name, TokenSplit split, long tokens, long documents, long bytes)
    implements Serializable {
  /** Name of the file that says where its documents end. */
  String documentFile() {
    return documentFile(name);
  }

  /** The same, of a shard that is being written. */
  static String documentFile(String name) {
    return name + ".documents";
  }
}
