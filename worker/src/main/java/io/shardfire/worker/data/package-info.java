/**
 * Prepared corpora: token shards (format, writer, reader) and their index. {@link
 * io.shardfire.worker.data.TokenShardFormat} draws a shard, {@link
 * io.shardfire.worker.data.TokenIndex} the folder.
 */
package io.shardfire.worker.data;
