package io.shardfire.worker.nn;

import io.shardfire.kernels.device.Span;
import io.shardfire.worker.program.ProgramRecorder;
import io.shardfire.worker.program.Value;
import java.util.function.IntFunction;

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

    private static Bounds of(int length, IntFunction<Span> places) {
      return new Bounds(places.apply(length), places.apply(length));
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

  /**
   * A batch without a model that reads it.
   *
   * @param places gives a place of so many floats; asked for one field after the other, for {@link
   *     #floats} together
   */
  public static BatchSpans of(BatchForm form, IntFunction<Span> places) {
    int rows = form.rows();
    int sources = form.sourceRows();
    return new BatchSpans(
        form,
        places.apply(rows),
        places.apply(rows),
        places.apply(rows),
        form.weighted() ? places.apply(rows) : null,
        form.documents() ? Bounds.of(rows, places) : null,
        form.segments() ? places.apply(rows) : null,
        sources > 0 ? places.apply(sources) : null,
        sources > 0 ? Bounds.of(sources, places) : null,
        sources > 0 ? Bounds.of(rows, places) : null,
        form.labelled() ? places.apply(form.batch()) : null,
        form.labelled() ? places.apply(form.batch()) : null);
  }

  /** Floats of a batch of a form. */
  public static long floats(BatchForm form) {
    long rows = form.rows();
    long sources = form.sourceRows();
    long fields =
        3L + (form.weighted() ? 1 : 0) + (form.documents() ? 2 : 0) + (form.segments() ? 1 : 0);
    return fields * rows
        + (sources > 0 ? 3 * sources + 2 * rows : 0)
        + (form.labelled() ? 2L * form.batch() : 0);
  }

  /** Copies what the host wrote into a batch of the same form. */
  public void copyTo(BatchSpans other) {
    copy(ids, other.ids);
    copy(targets, other.targets);
    copy(weights, other.weights);
    copy(visible, other.visible);
    copy(segments, other.segments);
    copy(sourceIds, other.sourceIds);
    copy(sourceVisible, other.sourceVisible);
    copy(crossVisible, other.crossVisible);
    copy(labels, other.labels);
  }

  private static void copy(Span from, Span to) {
    if (from != null) {
      System.arraycopy(
          from.arena().array(), from.offset(), to.arena().array(), to.offset(), from.length());
    }
  }

  private static void copy(Bounds from, Bounds to) {
    if (from != null) {
      copy(from.first, to.first);
      copy(from.end, to.end);
    }
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
