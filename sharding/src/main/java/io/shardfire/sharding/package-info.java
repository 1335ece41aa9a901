/** Shard layout, collectives, wire format, transport and checkpoints. */
package io.shardfire.sharding;
