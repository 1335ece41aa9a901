package io.shardfire.sharding.collective;

/** Names one collective operation; unique within a communicator. */
public record CollectiveKey(long step, Phase phase, int unit) {}
