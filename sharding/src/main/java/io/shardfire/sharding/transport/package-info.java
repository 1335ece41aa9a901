/** Ranks and driver over Spark's transport. */
package io.shardfire.sharding.transport;
