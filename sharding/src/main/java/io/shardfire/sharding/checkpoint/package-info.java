/**
 * Sharded checkpoints on any Hadoop file system: written in the background by all ranks ({@link
 * io.shardfire.sharding.checkpoint.CheckpointWriter}), found and verified ({@link
 * io.shardfire.sharding.checkpoint.CheckpointStore}, which draws the folder), read at any world
 * size ({@link io.shardfire.sharding.checkpoint.CheckpointReader}), and summarised ({@link
 * io.shardfire.sharding.checkpoint.CheckpointInspector}). The folder of a step is a Hugging Face
 * model folder.
 */
package io.shardfire.sharding.checkpoint;
