package io.shardfire.worker.generate;

import java.util.function.Consumer;

/**
 * Keeps sequences within the context of a model. A prompt that is longer is cut to its newest
 * tokens, so that up to half of the context is left for what is asked for; a sequence that has
 * filled the context goes on from its newer half, which is computed anew.
 */
final class ContextWindow {
  private final DecodingSession session;
  private final Consumer<String> notices;
  private boolean hasSlid;

  /**
   * The window of a session.
   *
   * @param notices told, once, when text goes on beyond the context
   */
  ContextWindow(DecodingSession session, Consumer<String> notices) {
    this.session = session;
    this.notices = notices;
  }

  /** How many of a prompt's newest tokens are used when {@code wanted} tokens are asked for. */
  static int promptTokens(int context, int promptTokens, int wanted) {
    return promptTokens <= context
        ? promptTokens
        : context - Math.min(wanted, context - newerHalf(context));
  }

  /** Lets a sequence whose slot is full go on; the next step appends its last token. */
  void makeRoom(int slot, TokenHistory history) {
    if (session.length(slot) < session.context()) {
      return;
    }
    int kept = newerHalf(session.context());
    history.beginWithNewest(session, slot, kept);
    if (!hasSlid) {
      notices.accept(
          "the model's context of "
              + session.context()
              + " tokens is full; text goes on from its newest "
              + kept
              + " tokens each time");
      hasSlid = true;
    }
  }

  private static int newerHalf(int context) {
    return Math.max(1, context / 2);
  }
}
