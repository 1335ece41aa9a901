package io.shardfire.sharding.transport;

import io.netty.channel.Channel;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import io.shardfire.sharding.collective.CollectiveException;
import io.shardfire.sharding.wire.ByteShare;
import io.shardfire.sharding.wire.GradientShard;
import io.shardfire.sharding.wire.JoinGroup;
import io.shardfire.sharding.wire.MessageHeader;
import io.shardfire.sharding.wire.OfferSegment;
import io.shardfire.sharding.wire.PeerMessage;
import io.shardfire.sharding.wire.ShardInSegment;
import io.shardfire.sharding.wire.WireCodec;
import io.shardfire.sharding.wire.WireException;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the messages of peers, on the transport's threads. A connection belongs to the rank that
 * joined over it; anything else on it is refused.
 */
final class PeerHandler extends ReplyHandler {
  private static final Logger LOG = LoggerFactory.getLogger(PeerHandler.class);
  private static final AttributeKey<Origin> ORIGIN = AttributeKey.valueOf("shardfire.origin");
  private static final AttributeKey<SharedSegment> SEGMENT =
      AttributeKey.valueOf("shardfire.segment");

  private final GroupRegistry groups;
  private final int chunkBytes;
  private final int frameBytes;
  private final ThreadLocal<WireCodec> codecs;

  /** Whose messages a connection carries. */
  private record Origin(Group group, int sender) {
    void check(MessageHeader header) {
      if (header.sender() != sender
          || header.generation() != group.generation()
          || !header.group().equals(group.name())) {
        throw new CollectiveException(
            "An unknown sender or generation: joinedGroup=%s, joinedGeneration=%d,"
                    .formatted(group.name(), group.generation())
                + " joinedSender=%d, %s".formatted(sender, header.describe()));
      }
    }
  }

  PeerHandler(GroupRegistry groups, int chunkBytes) {
    this.groups = groups;
    this.chunkBytes = chunkBytes;
    this.frameBytes =
        MessageGate.HEADER_BYTES
            + GradientShard.MAX_OVERHEAD
            + Math.max(chunkBytes, ByteShare.MAX_BYTES);
    this.codecs = ThreadLocal.withInitial(() -> WireCodec.forPeers(chunkBytes));
  }

  @Override
  public void receive(TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
    Runnable next;
    try {
      next = take(client, message);
    } catch (WireException | CollectiveException e) {
      LOG.warn("Refused a message from {}: {}", client.getSocketAddress(), e.getMessage());
      callback.onSuccess(Reply.refused(e.getMessage()));
      return;
    }
    // Acknowledged first: completing a collective may let its caller close this node.
    callback.onSuccess(Reply.accepted());
    next.run();
  }

  private Runnable take(TransportClient client, ByteBuffer bytes) {
    Origin origin = client.getChannel().attr(ORIGIN).get();
    PeerMessage message = decode(bytes, origin);
    if (message instanceof JoinGroup join) {
      if (origin != null) {
        throw new CollectiveException("A connection carries one rank only: " + join);
      }
      Channel channel = client.getChannel();
      Newcomer newcomer = Newcomer.of(channel);
      Group group = groups.admit(join, () -> newcomer.joined(frameBytes));
      newcomer.announced();
      channel.attr(ORIGIN).set(new Origin(group, join.sender()));
      return () -> {};
    }
    if (origin == null) {
      throw new CollectiveException(
          "An unknown sender: its connection has joined no group: " + message);
    }
    if (message instanceof OfferSegment offer) {
      Attribute<SharedSegment> segment = client.getChannel().attr(SEGMENT);
      if (segment.get() != null) {
        throw new CollectiveException("Shared memory is offered once per connection: " + offer);
      }
      segment.set(open(offer));
      return () -> {};
    }
    if (message instanceof ShardInSegment place) {
      message = fetch(client.getChannel().attr(SEGMENT).get(), place, origin);
    }
    origin.check(EarlyMessages.header(message));
    if (message instanceof GradientShard shard) {
      return origin.group().place(shard);
    }
    return origin.group().take(message);
  }

  private SharedSegment open(OfferSegment offer) {
    try {
      return SharedSegment.open(offer.segment(), Sender.WINDOW, chunkBytes);
    } catch (IOException e) {
      throw new CollectiveException("Cannot open shared memory: " + e, e);
    }
  }

  /** The shard that lies in shared memory. */
  private GradientShard fetch(SharedSegment segment, ShardInSegment place, Origin origin) {
    if (segment == null) {
      throw new CollectiveException("No shared memory was offered: " + place);
    }
    VarHandle.acquireFence();
    PeerMessage message;
    try {
      message = decode(segment.message(place.slot(), place.bytes()), origin);
    } catch (IndexOutOfBoundsException e) {
      throw new CollectiveException(e.getMessage(), e);
    }
    if (message instanceof GradientShard shard) {
      return shard;
    }
    throw new CollectiveException("Only shards lie in shared memory: " + message);
  }

  private PeerMessage decode(ByteBuffer bytes, Origin origin) {
    try {
      return (PeerMessage) codecs.get().decode(bytes);
    } catch (WireException e) {
      if (origin != null) {
        e.header().ifPresent(header -> origin.group().fail(header, e.getMessage()));
      }
      throw e;
    }
  }

  @Override
  public void channelInactive(TransportClient client) {
    Origin origin = client.getChannel().attr(ORIGIN).get();
    if (origin != null) {
      origin.group().lostFrom(origin.sender());
    }
  }
}
