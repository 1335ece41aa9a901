package io.shardfire.sharding.transport;

import io.netty.channel.Channel;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The connections to one endpoint that have not joined. When there are too many, the oldest has to
 * go: a rank joins within moments, so whoever holds places for nothing loses them first.
 * Thread-safe.
 */
final class Newcomers {
  private final NewcomerLimits limits;
  private final Set<Channel> waiting = new LinkedHashSet<>();

  Newcomers(NewcomerLimits limits) {
    this.limits = limits;
  }

  /** A connection was accepted; on its thread, before it reads. */
  void enter(Channel channel) {
    Newcomer newcomer =
        new Newcomer(
            this,
            channel,
            channel
                .eventLoop()
                .schedule(
                    () ->
                        ClosedConnection.close(
                            channel,
                            "it has not joined in time, which is milliseconds="
                                + limits.deadline().toMillis()),
                    limits.deadline().toMillis(),
                    TimeUnit.MILLISECONDS));
    newcomer.attach();
    Channel oldest = add(channel);
    if (oldest != null) {
      ClosedConnection.close(
          oldest,
          "too many connections have not joined, and it was the oldest: limit="
              + limits.connections());
    }
    channel.closeFuture().addListener(closed -> newcomer.gone());
  }

  /** Returns whose place the channel gets, null when there was a free one. */
  private Channel add(Channel channel) {
    synchronized (waiting) {
      Channel oldest = null;
      if (waiting.size() == limits.connections()) {
        Iterator<Channel> oldestFirst = waiting.iterator();
        oldest = oldestFirst.next();
        oldestFirst.remove();
      }
      waiting.add(channel);
      return oldest;
    }
  }

  void remove(Channel channel) {
    synchronized (waiting) {
      waiting.remove(channel);
    }
  }

  /** How many wait now. */
  int count() {
    synchronized (waiting) {
      return waiting.size();
    }
  }
}
