package io.shardfire.worker.inspect;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ModelBuilder;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;
import io.shardfire.worker.nn.LanguageModel;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Program;
import java.util.List;

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
  static PlannedPass of(ModelConfiguration model, WeightFormat weights, int batch, int time) {
    return of(model, weights, batch, time, 0);
  }

  /** The same beside sources of {@code source} tokens. */
  static PlannedPass of(
      ModelConfiguration model, WeightFormat weights, int batch, int time, int source) {
    boolean segments = model.segments() > 0;
    return of(
        model,
        weights,
        new BatchForm(batch, time, source, false, false, segments, model.sentenceHead()));
  }

  /**
   * A pass over batches of a form.
   *
   * @param weights how the matrices are stored
   */
  static PlannedPass of(ModelConfiguration model, WeightFormat weights, BatchForm form) {
    TokenBatch fields = TokenBatch.of(form);
    LanguageModel modules = Architecture.of(reaching(model, form), fields);
    return new PlannedPass(
        fields,
        modules,
        modules.record(Pass.evaluation(form.batch(), form.time()).withWeights(weights)));
  }

  private static ModelConfiguration reaching(ModelConfiguration model, BatchForm form) {
    if (form.time() <= model.context() && form.source() <= model.source()) {
      return model;
    }
    ModelBuilder longer = model.with().context(Math.max(form.time(), model.context()));
    return model.hasSource()
        ? longer.sourceContext(Math.max(form.source(), model.source())).build()
        : longer.build();
  }

  /** Gives one sequence to the device, without anything to be predicted of it. */
  void write(List<Integer> ids, List<Integer> source, BatchSpans spans) {
    write(ids, spans.ids());
    if (!source.isEmpty()) {
      write(source, spans.sourceIds());
      see(spans.sourceVisible(), source.size());
      see(spans.crossVisible(), source.size());
    }
    fill(spans.targets(), -1);
    fill(spans.segments(), 0);
    fill(spans.labels(), -1);
    spans.upload();
  }

  private static void write(List<Integer> ids, Span span) {
    for (int i = 0; i < ids.size(); i++) {
      span.set(i, ids.get(i));
    }
  }

  /** Lets every query see all keys. */
  private static void see(BatchSpans.Bounds bounds, int keys) {
    fill(bounds.first(), 0);
    fill(bounds.end(), keys);
  }

  private static void fill(Span span, float value) {
    if (span != null) {
      span.fill(0, span.length(), value);
    }
  }
}
