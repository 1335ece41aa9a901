package io.shardfire.sharding.transport;

import io.shardfire.sharding.wire.PeerMessage;

/**
 * A single small message on behalf of a collective.
 *
 * @param settles whether its acknowledgement is all that the collective wants from the peer
 */
record Notice(Collective collective, PeerMessage message, boolean settles) {}
