/**
 * Collectives between ranks: the {@link io.shardfire.sharding.collective.Communicator}, the fixed
 * tree of its sums, and an implementation for ranks that are threads of one JVM.
 */
package io.shardfire.sharding.collective;
