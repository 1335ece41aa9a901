package io.shardfire.sharding.bench;

import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.sharding.collective.TreeSum;
import io.shardfire.sharding.wire.GradientShard;
import io.shardfire.sharding.wire.MessageHeader;
import io.shardfire.sharding.wire.Operation;
import io.shardfire.sharding.wire.ShardPayload;
import io.shardfire.sharding.wire.WireCodec;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What a gradient costs in Java on its way between ranks: written into a message, checked, copied
 * out of one, and summed. {@link #copy} is the floor of all of them. CONTRIBUTING.md has the
 * command.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class GradientShardBenchmark {
  private static final int FLOATS = 1 << 18;
  private static final int RANKS_AT_MOST = 8;

  /** Contributions of one sum. */
  @Param({"2", "8"})
  int contributions;

  /** As what they travel. */
  @Param({"FP32", "BF16"})
  ElementType type;

  private final float[] gradient = new float[RANKS_AT_MOST * FLOATS];
  private final float[] destination = new float[FLOATS];
  private final ByteBuffer message =
      ByteBuffer.allocateDirect(FLOATS * Float.BYTES + GradientShard.MAX_OVERHEAD);
  private final WireCodec codec = WireCodec.forPeers(FLOATS * Float.BYTES);
  private GradientShard shard;
  private float[][] sources;
  private int[] offsets;

  /** Fills the gradient and encodes one message for {@link #decode}. */
  @Setup
  public void fill() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = (float) random.nextDouble();
    }
    sources = new float[contributions][];
    offsets = new int[contributions];
    for (int c = 0; c < contributions; c++) {
      sources[c] = gradient;
      offsets[c] = c * FLOATS;
    }
    shard =
        new GradientShard(
            new MessageHeader(
                "training",
                0,
                1,
                new CollectiveKey(1, Phase.GRADIENT_REDUCE, 0),
                Operation.REDUCE_SCATTER),
            0,
            0,
            new ShardPayload.OfFloats(type, new FloatRange(gradient, 0, FLOATS)));
    codec.encode(shard, message);
  }

  /** The floor: one mebibyte from array to array. */
  @Benchmark
  public float[] copy() {
    System.arraycopy(gradient, 0, destination, 0, FLOATS);
    return destination;
  }

  /** The fixed tree over the contributions of all ranks. */
  @Benchmark
  public float[] treeSum() {
    TreeSum.sum(sources, offsets, FLOATS, destination, 0);
    return destination;
  }

  /** A message of a mebibyte of floats, with its checksum. */
  @Benchmark
  public ByteBuffer encode() {
    codec.encode(shard, message);
    return message;
  }

  /** The message read, checked and copied to its place. */
  @Benchmark
  public float[] decode() {
    GradientShard read = (GradientShard) codec.decode(message);
    read.payload().copyTo(destination, 0);
    return destination;
  }

  /** The checksum alone. */
  @Benchmark
  public long checksum() {
    CRC32C checksum = new CRC32C();
    checksum.update(message.duplicate());
    return checksum.getValue();
  }

  /** Runs all of it. */
  public static void main(String[] arguments) throws RunnerException {
    new Runner(new OptionsBuilder().include(GradientShardBenchmark.class.getSimpleName()).build())
        .run();
  }
}
