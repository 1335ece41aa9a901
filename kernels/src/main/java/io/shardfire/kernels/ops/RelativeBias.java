package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;

/**
 * The learned positional term of T5 (Raffel et al., 2020): one number per head and bucket of
 * distances, added to the scores. T5 leaves the scores unscaled otherwise: {@link
 * AttentionOptions#withScale} 1.
 */
public final class RelativeBias {
  private RelativeBias() {}

  /**
   * How distances fall into buckets: near ones into one each, far ones by their logarithm, those
   * from {@code maxDistance} on into the last.
   *
   * @param count number of buckets, 2 to 4096; even, and at least 4, when bidirectional
   * @param maxDistance distance of the last bucket, larger than the number of near buckets
   * @param bidirectional whether keys behind the query have buckets of their own (an encoder), else
   *     they share bucket 0 with the query itself
   */
  public record Buckets(int count, int maxDistance, boolean bidirectional) {
    private static final int MAX_COUNT = 4096;

    /** Checks the numbers. */
    public Buckets {
      int side = bidirectional ? count / 2 : count;
      new Operands("RelativeBias.Buckets")
          .require(
              side >= 2 && count <= MAX_COUNT && (!bidirectional || count % 2 == 0),
              "must be from 2 to 4096, when bidirectional even and at least 4",
              "count",
              count)
          .require(
              maxDistance > side / 2,
              "must be larger than " + side / 2,
              "maxDistance",
              maxDistance);
    }

    /** The bucket of a key {@code distance} positions behind the query, negative before it. */
    public int bucket(int distance) {
      int side = bidirectional ? count / 2 : count;
      int first = bidirectional && distance > 0 ? side : 0;
      int away = bidirectional ? Math.abs(distance) : Math.max(0, -distance);
      int near = side / 2;
      if (away < near) {
        return first + away;
      }
      double share =
          StrictMath.log((double) away / near) / StrictMath.log((double) maxDistance / near);
      // Powers that are whole numbers of buckets must not fall one short by rounding.
      int far = near + (int) (share * (side - near) + 1e-9);
      return first + Math.min(far, side - 1);
    }

    /** Writes the bucket of every distance of a shape [queries + keys - 1]; call between runs. */
    public void write(AttentionShape shape, Span buckets) {
      int distances = shape.distances();
      new Operands("RelativeBias.Buckets.write").holds("buckets", buckets, distances);
      float[] array = buckets.arena().array();
      for (int x = 0; x < distances; x++) {
        array[buckets.offset() + x] = bucket(x - (shape.keys() - 1));
      }
      buckets.upload();
    }
  }

  /**
   * Spreads table[buckets, heads] over the distances: distanceBias[heads, queries + keys - 1] of
   * {@link AttentionOptions}.
   *
   * @param bucketOfDistance as {@link Buckets#write} leaves it
   */
  public static void forward(
      CommandRecorder recorder,
      AttentionShape shape,
      Buckets buckets,
      Span bucketOfDistance,
      Span table,
      Span distanceBias) {
    int distances = shape.distances();
    int heads = shape.heads();
    int tableFloats = Math.multiplyExact(buckets.count(), heads);
    long biasFloats = (long) heads * distances;
    new Bands("RelativeBias.forward")
        .reads("bucketOfDistance", bucketOfDistance, distances)
        .reads("table", table, tableFloats)
        .writes("distanceBias", distanceBias, biasFloats);
    recorder.add(
        Command.of(Opcode.RELATIVE_BIAS_FORWARD, heads)
            .read(bucketOfDistance.slice(0, distances))
            .read(table.slice(0, tableFloats))
            .write(distanceBias.slice(0, Math.toIntExact(biasFloats)))
            .integer(heads)
            .integer(distances)
            .integer(buckets.count()));
  }

  /**
   * Sums gradDistanceBias[batch, heads, queries + keys - 1] of {@link FlashAttention#backward} into
   * gradTable[buckets, heads], in one order.
   *
   * @param accumulate whether to add to what gradTable holds
   */
  public static void backward(
      CommandRecorder recorder,
      AttentionShape shape,
      Buckets buckets,
      Span bucketOfDistance,
      Span gradDistanceBias,
      Span gradTable,
      boolean accumulate) {
    int distances = shape.distances();
    int heads = shape.heads();
    int tableFloats = Math.multiplyExact(buckets.count(), heads);
    long biasFloats = (long) shape.batch() * heads * distances;
    new Bands("RelativeBias.backward")
        .reads("bucketOfDistance", bucketOfDistance, distances)
        .reads("gradDistanceBias", gradDistanceBias, biasFloats)
        .writes("gradTable", gradTable, tableFloats);
    recorder.add(
        Command.of(Opcode.RELATIVE_BIAS_BACKWARD, heads)
            .read(bucketOfDistance.slice(0, distances))
            .read(gradDistanceBias.slice(0, Math.toIntExact(biasFloats)))
            .write(gradTable.slice(0, tableFloats))
            .integer(heads)
            .integer(distances)
            .integer(buckets.count())
            .integer(shape.batch())
            .flag(accumulate));
  }
}
