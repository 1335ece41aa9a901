/** Collectives between ranks. */
package io.shardfire.sharding.collective;
