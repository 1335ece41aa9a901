/** Token shards: format, writer and reader. */
package io.shardfire.worker.data;
