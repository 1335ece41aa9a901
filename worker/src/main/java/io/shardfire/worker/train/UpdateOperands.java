package io.shardfire.worker.train;

import io.shardfire.sharding.layout.ShardLayout;

/**
 * What one rank's updates read and write.
 *
 * @param layout of the parameters
 */
record UpdateOperands(int rank, ShardLayout layout, MomentLayout moments, RankMemory memory) {}
