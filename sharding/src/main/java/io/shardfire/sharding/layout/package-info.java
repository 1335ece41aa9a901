/** Where units, tensors and shards lie in flat arrays. */
package io.shardfire.sharding.layout;
