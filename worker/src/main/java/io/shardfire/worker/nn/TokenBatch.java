package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.Dropout;
import io.shardfire.worker.program.Value;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What the host writes before a pass of a model and reads after it. Ids, targets, segments, labels
 * and bounds of intervals are whole numbers as floats; a field that the form lacks is null.
 *
 * @param form which fields there are
 * @param keys tokens of each sequence that a pass looks at: those before too, when decoding
 * @param ids token ids [M,1]
 * @param targets ids to predict [M,1]; a negative one counts nothing
 * @param losses one per row [M,1], times its weight
 * @param weights of the rows in the loss [M,1]; they sum up to the rows of the global batch
 * @param visible which tokens of its sequence each token sees
 * @param segments sentence of each token [M,1]
 * @param sourceIds what an encoder reads [batch * source,1]
 * @param sourceVisible which tokens of the source each of them sees
 * @param crossVisible which tokens of the source each of the M tokens sees
 * @param labels class of each sequence [batch,1]
 * @param labelLosses one per sequence [batch,1], times the tokens of a sequence: so that the sum of
 *     all losses over the rows of the global batch is the mean of both kinds
 * @param dropoutKey key of the pass's dropout masks
 * @param lossFactor what losses are multiplied by before differentiation, besides the pass's {@code
 *     lossScale}, where products are in fp16 [1,1]
 * @param position of the first token of each sequence, when decoding [batch,1]
 * @param cached where in a cache the sequences are, when decoding; else null
 */
public record TokenBatch(
    BatchForm form,
    int keys,
    Value ids,
    Value targets,
    Value losses,
    Value weights,
    Interval visible,
    Value segments,
    Value sourceIds,
    Interval sourceVisible,
    Interval crossVisible,
    Value labels,
    Value labelLosses,
    Value dropoutKey,
    Value lossFactor,
    Value position,
    Cached cached) {

  /**
   * An interval of tokens for each row: from {@code first} to before {@code end}, both [rows,1],
   * counted within the sequence.
   */
  public record Interval(Value first, Value end) {
    static Interval of(String name, int rows) {
      return new Interval(
          Value.pinned(name + " first", rows, 1), Value.pinned(name + " end", rows, 1));
    }
  }

  /**
   * Sequences of a cache.
   *
   * @param count that it has room for
   * @param source most tokens of the source of each; 0 where there is none
   * @param sequence number of each sequence of the batch in the cache [batch,1]
   * @param end one past the position of its last token [batch,1]; rows behind are padding
   */
  public record Cached(int count, int source, Value sequence, Value end) {}

  /** The fields of passes over whole sequences. */
  public static TokenBatch of(BatchForm form) {
    return of(form, form.time(), null);
  }

  /** The fields of passes over whole sequences, full of tokens that all count. */
  public static TokenBatch of(int batch, int time) {
    return of(BatchForm.plain(batch, time));
  }

  /**
   * The fields of decoding: tokens more of sequences that have at most {@code context}.
   *
   * @param count sequences that the cache has room for; with one token each, all of them in order
   * @param source most tokens of the source of each; 0 where there is none
   */
  public static TokenBatch decoding(BatchForm form, int context, int count, int source) {
    int batch = form.batch();
    Cached cached =
        new Cached(
            count,
            source,
            Value.pinned("sequence in the cache", batch, 1),
            Value.pinned("end", batch, 1));
    return of(form, context, cached);
  }

  private static TokenBatch of(BatchForm form, int keys, Cached cached) {
    int rows = form.rows();
    boolean hasSource = form.source() > 0;
    return new TokenBatch(
        form,
        keys,
        Value.pinned("ids", rows, 1),
        Value.pinned("targets", rows, 1),
        Value.pinned("losses", rows, 1),
        form.weighted() ? Value.pinned("weights", rows, 1) : null,
        form.documents() ? Interval.of("visible", rows) : null,
        form.segments() ? Value.pinned("segments", rows, 1) : null,
        hasSource ? Value.pinned("source ids", form.sourceRows(), 1) : null,
        hasSource ? Interval.of("source visible", form.sourceRows()) : null,
        hasSource ? Interval.of("cross visible", rows) : null,
        form.labelled() ? Value.pinned("labels", form.batch(), 1) : null,
        form.labelled() ? Value.pinned("label losses", form.batch(), 1) : null,
        Value.pinned("dropout key", 1, Dropout.KEY_FLOATS),
        Value.pinned("loss factor", 1, 1),
        Value.pinned("position", form.batch(), 1),
        cached);
  }

  /** Sequences. */
  public int batch() {
    return form.batch();
  }

  /** Tokens of each that a pass computes. */
  public int time() {
    return form.time();
  }

  /** All fields that there are, in the order they lie in memory. */
  public List<Value> fields() {
    return Stream.of(
            Stream.of(ids, targets, losses, weights),
            bounds(visible),
            Stream.of(segments, sourceIds),
            bounds(sourceVisible),
            bounds(crossVisible),
            Stream.of(labels, labelLosses, dropoutKey, lossFactor, position))
        .flatMap(fields -> fields)
        .filter(Objects::nonNull)
        .toList();
  }

  private static Stream<Value> bounds(Interval interval) {
    return interval == null ? Stream.empty() : Stream.of(interval.first(), interval.end());
  }
}
