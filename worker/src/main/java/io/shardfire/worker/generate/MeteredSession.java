package io.shardfire.worker.generate;

import java.util.function.LongSupplier;

/** Measures what a session computes. */
final class MeteredSession implements DecodingSession {
  private static final double NANOS = 1e9;

  private final DecodingSession session;
  private final LongSupplier clock;
  private long promptTokens;
  private long promptNanos;
  private long decodedTokens;
  private long decodeNanos;

  /**
   * Wraps a session.
   *
   * @param clock nanoseconds
   */
  MeteredSession(DecodingSession session, LongSupplier clock) {
    this.session = session;
    this.clock = clock;
  }

  /** Of all so far. */
  Throughput throughput() {
    return new Throughput(promptTokens, promptNanos / NANOS, decodedTokens, decodeNanos / NANOS);
  }

  @Override
  public void fill(int slot, int[] tokens, int from, int to) {
    long started = clock.getAsLong();
    session.fill(slot, tokens, from, to);
    promptNanos += clock.getAsLong() - started;
    promptTokens += to - from;
  }

  @Override
  public void encode(int slot, int... source) {
    long started = clock.getAsLong();
    session.encode(slot, source);
    promptNanos += clock.getAsLong() - started;
    promptTokens += source.length;
  }

  @Override
  public void step(int[] tokens) {
    long started = clock.getAsLong();
    session.step(tokens);
    decodeNanos += clock.getAsLong() - started;
    for (int token : tokens) {
      decodedTokens += token == IDLE ? 0 : 1;
    }
  }

  @Override
  public void copy(int from, int to) {
    session.copy(from, to);
  }

  @Override
  public int slots() {
    return session.slots();
  }

  @Override
  public int context() {
    return session.context();
  }

  @Override
  public int vocabularySize() {
    return session.vocabularySize();
  }

  @Override
  public int length(int slot) {
    return session.length(slot);
  }

  @Override
  public float[] logits() {
    return session.logits();
  }

  @Override
  public int logitsOffset(int slot) {
    return session.logitsOffset(slot);
  }
}
