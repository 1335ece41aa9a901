package io.shardfire.worker.train;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.InProcessGroup;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.program.UnitSpans;
import io.shardfire.worker.random.CounterRandom;
import io.shardfire.worker.train.TrainingConfiguration.OptimizerKind;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * The bits a context computes: a hash of the state after a few steps of a small model with odd
 * sizes by each optimizer, in each precision and with activations kept in each way, through every
 * kernel that training uses. Contexts with other fingerprints train other weights; those with the
 * same train the same as far as a small model can show it. Thread-safe.
 */
public final class ComputeFingerprint {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final int STEPS = 3;
  private static final int HASH_BYTES = 8;

  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(2, 3, 48, 37).vocabularySize(211).dropout(0.1f).build();

  private static final Map<ComputeContext, String> KNOWN = new HashMap<>();

  private ComputeFingerprint() {}

  /** Sixteen hexadecimal digits; computed once for a context. */
  public static synchronized String of(ComputeContext compute) {
    return KNOWN.computeIfAbsent(compute, ComputeFingerprint::compute);
  }

  private static TrainingConfiguration training(OptimizerKind optimizer, Precision precision) {
    return TrainingConfiguration.standard()
        .steps(STEPS)
        .microBatch(3)
        .accumulation(2)
        .logicalShards(2)
        .zeroStage(0)
        .seed(1)
        .learningRate(1e-2f)
        .minimumLearningRate(1e-3f)
        .warmupSteps(1)
        .optimizer(optimizer)
        .precision(precision)
        .clipNorm(0.1f)
        .evaluateEvery(0)
        .evaluationBatches(1)
        .checkpointEvery(0)
        .keepCheckpoints(1)
        .build();
  }

  private static String compute(ComputeContext compute) {
    MessageDigest digest = digest();
    for (OptimizerKind optimizer : OptimizerKind.values()) {
      train(compute, training(optimizer, Precision.FP32), digest);
    }
    train(compute, training(OptimizerKind.ADAMW, Precision.BF16), digest);
    train(compute, training(OptimizerKind.ADAMW, Precision.FP16), digest);
    TrainingConfiguration bf16 = training(OptimizerKind.ADAMW, Precision.BF16);
    train(compute, bf16.with().activations(ActivationFormat.BF16).build(), digest);
    return HexFormat.of().formatHex(Arrays.copyOf(digest.digest(), HASH_BYTES));
  }

  private static void train(
      ComputeContext compute, TrainingConfiguration training, MessageDigest digest) {
    int rows = training.microBatch() * MODEL.context();
    try (Communicator alone = InProcessGroup.of(1, TIMEOUT).communicator(0);
        TrainingStep step =
            new TrainingStep(
                MODEL,
                training,
                compute,
                alone,
                (completed, shard, pass, batch) -> {
                  long key = CounterRandom.mix(CounterRandom.mix(completed, shard), pass);
                  for (int row = 0; row < rows; row++) {
                    batch.ids().set(row, token(key, 2L * row));
                    batch.targets().set(row, token(key, 2L * row + 1));
                  }
                })) {
      for (int number = 1; number <= STEPS; number++) {
        step.run(number);
      }
      hash(step, digest);
    }
  }

  private static int token(long key, long index) {
    return (int) (CounterRandom.uniform(key, index) * MODEL.vocabularySize());
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  private static void hash(TrainingStep step, MessageDigest digest) {
    for (UnitSpans state : step.memory().state()) {
      state.download();
      for (FloatRange unit : state.onHost()) {
        ByteBuffer bytes = ByteBuffer.allocate(unit.length() * Float.BYTES);
        bytes.asFloatBuffer().put(unit.array(), unit.offset(), unit.length());
        digest.update(bytes);
      }
    }
  }
}
