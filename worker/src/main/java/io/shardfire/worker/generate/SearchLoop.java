package io.shardfire.worker.generate;

import io.shardfire.worker.generate.Continuation.Finish;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** Searches continuations of prompts with beams, one prompt after the other. */
final class SearchLoop {
  private final GenerationRun run;
  private final BeamSearch search;

  SearchLoop(GenerationRun run, Beams beams) {
    this.run = run;
    this.search =
        new BeamSearch(
            run.session(),
            run.window(),
            beams,
            run.vocabularySize(),
            run.options().maxTokens(),
            this::isComplete);
  }

  /** Searches all of them. */
  void run(List<EncodedPrompt> prompts) {
    for (EncodedPrompt prompt : prompts) {
      prompt.encode(run.session(), BeamSearch.FIRST_SLOT);
      List<BeamSearch.Hypothesis> found = search.search(prompt.tokens());
      for (int sample = 0; sample < run.options().samples() && sample < found.size(); sample++) {
        report(prompt, sample, found.get(sample));
      }
    }
  }

  private boolean isComplete(TokenHistory history) {
    return run.endsText(history.last())
        || (!run.options().stops().isEmpty() && text(history).stopped());
  }

  private GeneratedText text(TokenHistory history) {
    GeneratedText text = run.text(history.prompt());
    for (int token : history.generated()) {
      text.accept(token);
    }
    return text;
  }

  private void report(EncodedPrompt prompt, int sample, BeamSearch.Hypothesis hypothesis) {
    TokenHistory history = hypothesis.history();
    GeneratedText text = text(history);
    text.end();
    Finish finish = run.endsText(history.last()) ? Finish.END_OF_TEXT : Finish.LENGTH;
    run.listener().text(prompt.index(), sample, text.text());
    run.listener()
        .finished(
            new Continuation(
                prompt.index(),
                sample,
                prompt.seed(),
                prompt.length(),
                Arrays.stream(history.generated()).boxed().toList(),
                text.text(),
                text.stopped() ? Finish.STOP : finish,
                OptionalDouble.of(hypothesis.score())));
  }
}
