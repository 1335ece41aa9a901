package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.kernels.reference.HalfPrecisionReference;
import io.shardfire.sharding.collective.Bf16;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.transport.NetworkConfiguration;
import io.shardfire.sharding.transport.NetworkNode;
import io.shardfire.sharding.transport.PeerAddress;
import io.shardfire.sharding.transport.PortRange;
import io.shardfire.worker.train.TrainingConfiguration.OptimizerKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Steps whose ranks send each other gradients in bf16. */
class GradientExchangeTest {
  private static final int CHUNK_BYTES = 4096;

  private static void inBf16(TrainingBuilder training) {
    training.logicalShards(4).gradientExchange(ElementType.BF16);
  }

  private static TrainingTrace run(int ranks, Consumer<TrainingBuilder> change) {
    return TrainingTrace.run(ranks, change);
  }

  private static TrainingTrace overNetwork(
      int ranks, boolean sharedMemory, Consumer<TrainingBuilder> change) {
    NetworkConfiguration configuration =
        new NetworkConfiguration(
            "127.0.0.1",
            Map.of("spark.shardfire.io.connectionCreationTimeout", "60s"),
            null,
            Duration.ofMinutes(1),
            CHUNK_BYTES,
            sharedMemory,
            PortRange.ANY);
    List<NetworkNode> nodes =
        Stream.generate(() -> NetworkNode.start(configuration)).limit(ranks).toList();
    try {
      List<PeerAddress> peers = nodes.stream().map(NetworkNode::address).toList();
      List<Communicator> communicators =
          IntStream.range(0, ranks)
              .mapToObj(rank -> nodes.get(rank).join("exchange", 0, rank, peers))
              .toList();
      ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
      return TrainingTrace.run(compute, communicators, change, PageSize.configured());
    } finally {
      nodes.forEach(NetworkNode::close);
    }
  }

  /** Whoever sums, wherever the sums are needed, and whichever way they came there. */
  @ParameterizedTest
  @CsvSource({"2, ADAMW", "4, ADAMW", "2, ADAFACTOR"})
  void shouldGiveTheSameBitsAtBothStagesAndOverTheNetwork(int ranks, OptimizerKind optimizer) {
    Consumer<TrainingBuilder> rounded =
        ((Consumer<TrainingBuilder>) GradientExchangeTest::inBf16)
            .andThen(t -> t.optimizer(optimizer));
    TrainingTrace expected = run(ranks, rounded.andThen(t -> t.zeroStage(1)));
    assertEquals(expected, run(ranks, rounded.andThen(t -> t.zeroStage(0))));
    for (int stage : new int[] {0, 1}) {
      Consumer<TrainingBuilder> staged = rounded.andThen(t -> t.zeroStage(stage));
      assertEquals(expected, overNetwork(ranks, false, staged));
      assertEquals(expected, overNetwork(ranks, true, staged));
    }
    assertNotEquals(
        expected, run(ranks, rounded.andThen(t -> t.gradientExchange(ElementType.FP32))));
  }

  @Test
  void shouldRoundNothingInAGroupOfOneAndOtherSumsInAnotherGroup() {
    TrainingTrace one = run(1, GradientExchangeTest::inBf16);
    assertEquals(run(1, t -> t.logicalShards(4)), one);
    TrainingTrace two = run(2, GradientExchangeTest::inBf16);
    assertNotEquals(one, two);
    assertNotEquals(run(4, GradientExchangeTest::inBf16), two);
  }

  /** What a rank sends is off by at most 2^-9 of itself; the steps drift apart from then on. */
  @ParameterizedTest
  @CsvSource({"2", "4"})
  void shouldStayCloseToTheStepsInFp32(int ranks) {
    List<String> exact = run(1, t -> t.logicalShards(4)).steps();
    List<String> rounded = run(ranks, GradientExchangeTest::inBf16).steps();
    assertEquals(loss(exact, 0), loss(rounded, 0), "nothing was rounded before the first loss");
    for (int step = 0; step < exact.size(); step++) {
      assertEquals(loss(exact, step), loss(rounded, step), 1e-4 * loss(exact, step));
      double norm = norm(exact, step);
      assertEquals(norm, norm(rounded, step), (step == 0 ? 0x1p-9 : 4e-3) * norm);
    }
  }

  private static double loss(List<String> steps, int step) {
    String both = steps.get(step);
    return Double.parseDouble(both.substring(0, both.indexOf(' ')));
  }

  private static double norm(List<String> steps, int step) {
    String both = steps.get(step);
    return Double.parseDouble(both.substring(both.indexOf(' ')));
  }

  /** The kernels' and the wire's bf16 are one. */
  @Test
  void shouldRoundAsTheKernelsDo() {
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < 1 << 16; i++) {
      for (int low : new int[] {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff, random.nextInt(1 << 16)}) {
        float value = Float.intBitsToFloat(i << 16 | low);
        int expected = HalfPrecisionReference.BF16.pack(value);
        assertEquals(expected, Bf16.round(value) & 0xffff, () -> Float.toHexString(value));
        assertEquals(
            HalfPrecisionReference.BF16.unpack(expected),
            Float.floatToRawIntBits(Bf16.widen((short) expected)));
      }
    }
  }
}
