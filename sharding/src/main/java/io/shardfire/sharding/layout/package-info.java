/** Where tensors and shards lie in their units. */
package io.shardfire.sharding.layout;
