/** What crosses the network: Kryo with registration required. */
package io.shardfire.sharding.wire;
