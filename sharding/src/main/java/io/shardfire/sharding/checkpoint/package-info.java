/** Sharded checkpoints on Hadoop file systems. */
package io.shardfire.sharding.checkpoint;
