package io.shardfire.worker.train;

import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.worker.program.UnitSpans;

/**
 * What one rank's updates read and write.
 *
 * @param layout of the parameters
 * @param updated what the rank updates of each unit, in fp32
 */
record UpdateOperands(
    int rank, ShardLayout layout, MomentLayout moments, UnitSpans updated, RankMemory memory) {}
