package io.shardfire.worker.nn;

import io.shardfire.kernels.device.Span;
import io.shardfire.worker.program.ProgramRecorder;
import io.shardfire.worker.program.Value;

/**
 * Where the fields of a {@link TokenBatch} lie for the host; a field that the form lacks is null.
 * The host writes the arrays, then {@linkplain #upload() hands them over}.
 */
public record BatchSpans(
    BatchForm form,
    Span ids,
    Span targets,
    Span losses,
    Span weights,
    Bounds visible,
    Span segments,
    Span sourceIds,
    Bounds sourceVisible,
    Bounds crossVisible,
    Span labels,
    Span labelLosses) {

  /** Where an interval's bounds lie. */
  public record Bounds(Span first, Span end) {
    private static Bounds of(TokenBatch.Interval interval, ProgramRecorder recorder) {
      return interval == null
          ? null
          : new Bounds(recorder.span(interval.first()), recorder.span(interval.end()));
    }
  }

  /** The places of a batch. */
  public static BatchSpans of(TokenBatch batch, ProgramRecorder recorder) {
    return new BatchSpans(
        batch.form(),
        recorder.span(batch.ids()),
        recorder.span(batch.targets()),
        recorder.span(batch.losses()),
        span(batch.weights(), recorder),
        Bounds.of(batch.visible(), recorder),
        span(batch.segments(), recorder),
        span(batch.sourceIds(), recorder),
        Bounds.of(batch.sourceVisible(), recorder),
        Bounds.of(batch.crossVisible(), recorder),
        span(batch.labels(), recorder),
        span(batch.labelLosses(), recorder));
  }

  private static Span span(Value value, ProgramRecorder recorder) {
    return value == null ? null : recorder.span(value);
  }

  /** Hands what the host wrote to the device. */
  public void upload() {
    ids.upload();
    targets.upload();
    upload(weights);
    upload(visible);
    upload(segments);
    upload(sourceIds);
    upload(sourceVisible);
    upload(crossVisible);
    upload(labels);
  }

  private static void upload(Span span) {
    if (span != null) {
      span.upload();
    }
  }

  private static void upload(Bounds bounds) {
    if (bounds != null) {
      bounds.first.upload();
      bounds.end.upload();
    }
  }

  /** Sum of the losses of the last pass, rows in order, then sequences. */
  public double sumOfLosses() {
    return sum(losses) + (labelLosses == null ? 0 : sum(labelLosses));
  }

  private static double sum(Span span) {
    span.download();
    double sum = 0;
    for (int i = 0; i < span.length(); i++) {
      sum += span.get(i);
    }
    return sum;
  }
}
