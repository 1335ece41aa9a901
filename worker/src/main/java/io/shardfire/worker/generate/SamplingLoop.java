package io.shardfire.worker.generate;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Draws continuations of prompts, as many side by side as the session has slots: a slot whose
 * continuation ends is given to the next one at once. Confined to one thread.
 */
final class SamplingLoop {
  private final DecodingSession session;
  private final ContextWindow window;
  private final Deque<SampledSequence> waiting = new ArrayDeque<>();
  private final SampledSequence[] active;
  private final int[] next;

  SamplingLoop(GenerationRun run, Sampling sampling, List<EncodedPrompt> prompts) {
    session = run.session();
    window = run.window();
    active = new SampledSequence[session.slots()];
    next = new int[session.slots()];
    for (EncodedPrompt prompt : prompts) {
      for (int sample = 0; sample < run.options().samples(); sample++) {
        waiting.add(new SampledSequence(run, sampling, prompt, sample));
      }
    }
  }

  /** Draws all of them. */
  void run() {
    while (admit()) {
      for (int slot = 0; slot < active.length; slot++) {
        next[slot] = DecodingSession.IDLE;
        if (active[slot] != null) {
          window.makeRoom(slot, active[slot].history());
          next[slot] = active[slot].history().last();
        }
      }
      session.step(next);
      for (int slot = 0; slot < active.length; slot++) {
        if (active[slot] != null) {
          active[slot].draw(session.logits(), session.logitsOffset(slot));
          if (active[slot].finished()) {
            active[slot] = null;
          }
        }
      }
    }
  }

  /** Fills free slots; false when all is done. */
  private boolean admit() {
    int filled = -1;
    for (int slot = 0; slot < active.length && !waiting.isEmpty(); slot++) {
      if (active[slot] != null) {
        continue;
      }
      active[slot] = waiting.remove();
      if (filled >= 0 && active[filled].prompt() == active[slot].prompt()) {
        session.copy(filled, slot);
      } else {
        active[slot].prompt().encode(session, slot);
        active[slot].history().begin(session, slot);
        filled = slot;
      }
    }
    return Arrays.stream(active).anyMatch(sequence -> sequence != null);
  }
}
