package io.shardfire.sharding.transport;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.util.concurrent.Future;

/** A connection from its first byte until it has joined. Thread-safe. */
final class Newcomer {
  private static final AttributeKey<Newcomer> KEY = AttributeKey.valueOf("shardfire.newcomer");

  private final Newcomers all;
  private final Channel channel;
  private final Future<?> deadline;

  Newcomer(Newcomers all, Channel channel, Future<?> deadline) {
    this.all = all;
    this.channel = channel;
    this.deadline = deadline;
  }

  /** Who waits on the channel; null when it has joined. */
  static Newcomer of(Channel channel) {
    return channel.attr(KEY).get();
  }

  void attach() {
    channel.attr(KEY).set(this);
  }

  /**
   * It has said which group it belongs to, but the local rank has yet to join that: it may take its
   * time, and stays in its narrow bounds.
   */
  void announced() {
    deadline.cancel(false);
  }

  /** It belongs to this endpoint's own group, and sends frames of up to this many bytes. */
  void joined(int frameBytes) {
    FrameDecoder decoder = FrameDecoder.of(channel);
    if (decoder != null) {
      decoder.limit(frameBytes);
    }
    gone();
  }

  /** It no longer counts. */
  void gone() {
    deadline.cancel(false);
    channel.attr(KEY).set(null);
    all.remove(channel);
  }
}
