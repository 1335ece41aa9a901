package io.shardfire.sharding.wire;

/** What one rank sends another. */
public sealed interface PeerMessage
    permits JoinGroup, OfferSegment, ReceiverReady, GradientShard, ShardInSegment, ByteShare {}
