package io.shardfire.worker.generate;

import io.shardfire.worker.generate.Continuation.Finish;
import java.util.Arrays;
import java.util.OptionalDouble;

/** One continuation in the making, whose tokens are drawn. */
final class SampledSequence {
  private final GenerationRun run;
  private final EncodedPrompt prompt;
  private final int sample;
  private final TokenHistory history;
  private final TokenSampler sampler;
  private final GeneratedText text;
  private boolean finished;

  SampledSequence(GenerationRun run, Sampling sampling, EncodedPrompt prompt, int sample) {
    this.run = run;
    this.prompt = prompt;
    this.sample = sample;
    this.history = new TokenHistory(prompt.tokens());
    this.sampler =
        new TokenSampler(sampling, prompt.seed() + sample, run.vocabularySize(), prompt.tokens());
    this.text = run.text(prompt.tokens());
  }

  EncodedPrompt prompt() {
    return prompt;
  }

  TokenHistory history() {
    return history;
  }

  /** Whether there is nothing more to draw. */
  boolean finished() {
    return finished;
  }

  /** Draws the next token and passes its text on; when it was the last, says so. */
  void draw(float[] logits, int offset) {
    int token = sampler.draw(logits, offset);
    history.append(token);
    pass(text.accept(token));
    if (text.stopped()) {
      finish(Finish.STOP);
    } else if (run.endsText(token)) {
      finish(Finish.END_OF_TEXT);
    } else if (history.generatedLength() == run.options().maxTokens()) {
      finish(Finish.LENGTH);
    }
  }

  private void finish(Finish why) {
    pass(text.end());
    finished = true;
    run.listener()
        .finished(
            new Continuation(
                prompt.index(),
                sample,
                prompt.seed() + sample,
                prompt.length(),
                Arrays.stream(history.generated()).boxed().toList(),
                text.text(),
                why,
                OptionalDouble.empty()));
  }

  private void pass(String piece) {
    if (!piece.isEmpty()) {
      run.listener().text(prompt.index(), sample, piece);
    }
  }
}
