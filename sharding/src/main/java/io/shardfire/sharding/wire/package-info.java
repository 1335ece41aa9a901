/**
 * What crosses the network: messages written by Kryo with registration required and one explicit
 * serializer per class. {@link io.shardfire.sharding.wire.WireCodec} draws the frame, every message
 * its own fields. All integers are little-endian and of fixed size; sizes are checked before
 * anything is allocated; payloads carry a CRC32C.
 */
package io.shardfire.sharding.wire;
