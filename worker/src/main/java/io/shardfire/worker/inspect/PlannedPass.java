package io.shardfire.worker.inspect;

import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.LanguageModel;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Program;

/**
 * An evaluation pass of a model, recorded but without a place.
 *
 * @param batch what it reads and writes
 */
record PlannedPass(TokenBatch batch, LanguageModel modules, Program program) {

  /**
   * A pass over {@code batch} sequences of {@code time} tokens, maybe more than was trained, of a
   * model without a source.
   */
  static PlannedPass of(ModelConfiguration model, int batch, int time) {
    return of(
        model,
        new BatchForm(batch, time, 0, false, false, model.segments() > 0, model.sentenceHead()));
  }

  /** A pass over batches of a form. */
  static PlannedPass of(ModelConfiguration model, BatchForm form) {
    TokenBatch fields = TokenBatch.of(form);
    int time = form.time();
    LanguageModel modules =
        Architecture.of(
            time > model.context() ? model.with().context(time).build() : model, fields);
    return new PlannedPass(fields, modules, modules.record(Pass.evaluation(form.batch(), time)));
  }
}
