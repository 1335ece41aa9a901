package io.shardfire.worker.bench;

import io.shardfire.kernels.bench.CopyBandwidth;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.generate.Decoder;
import io.shardfire.worker.generate.WeightSource;
import java.util.Arrays;

/** Times prompts and decoding, beside copies of memory. */
public final class GenerationBenchmark {
  private static final int WARMUP = 3;

  private final ComputeContext compute;
  private final ModelConfiguration model;
  private final WeightFormat format;
  private final int promptTokens;
  private final int steps;

  /**
   * A benchmark.
   *
   * @param model a decoder, its vocabulary size known
   * @param format of its matrices
   * @param promptTokens of each sequence, at least 1
   * @param steps tokens decoded after them, at least 1; there must be room for all in the context
   */
  public GenerationBenchmark(
      ComputeContext compute,
      ModelConfiguration model,
      WeightFormat format,
      int promptTokens,
      int steps) {
    if (model.kind() != ModelConfiguration.Kind.DECODER) {
      throw new IllegalArgumentException(
          "Generation is measured with a decoder alone: kind=" + model.kind());
    }
    if (promptTokens < 1 || steps < 1 || promptTokens + WARMUP + steps > model.context()) {
      throw new IllegalArgumentException(
          "A prompt, "
              + WARMUP
              + " tokens that are not timed and those that are must fit into the context:"
              + " promptTokens="
              + promptTokens
              + ", steps="
              + steps
              + ", context="
              + model.context());
    }
    this.compute = compute;
    this.model = model;
    this.format = format;
    this.promptTokens = promptTokens;
    this.steps = steps;
  }

  /**
   * What was measured; medians.
   *
   * @param batch sequences side by side
   * @param promptTokensPerSecond of one sequence
   * @param stepsPerSecond each gives every sequence a token
   * @param weightBytes that a step has to read
   * @param cacheBytes keys and values that the step in the middle of those timed reads
   * @param copyBytesPerSecond of copies in turn with the steps
   */
  public record Result(
      int batch,
      double promptTokensPerSecond,
      double stepsPerSecond,
      double weightBytes,
      double cacheBytes,
      double copyBytesPerSecond) {
    /** Tokens of all sequences together. */
    public double decodedTokensPerSecond() {
      return batch * stepsPerSecond;
    }

    /** How near reading the weights once a step comes to the bandwidth of a copy. */
    public double shareOfCopyBandwidth() {
      return stepsPerSecond * weightBytes / copyBytesPerSecond;
    }

    /** The same of weights, keys and values. */
    public double shareWithCache() {
      return stepsPerSecond * (weightBytes + cacheBytes) / copyBytesPerSecond;
    }
  }

  /** Measures with so many sequences. */
  public Result run(int batch) {
    Decoder decoder = Decoder.create(model, batch, compute, format, GenerationBenchmark::fill);
    CopyBandwidth copy = new CopyBandwidth(compute);
    int[] prompt = new int[promptTokens];
    Arrays.setAll(prompt, i -> i * 31 % model.vocabularySize());
    double[] prompts = new double[batch + 1];
    for (int n = 0; n <= batch; n++) {
      long started = System.nanoTime();
      decoder.fill(n % batch, prompt, 0, promptTokens);
      prompts[n] = promptTokens / seconds(started);
    }
    int[] next = new int[batch];
    double[] rates = new double[steps];
    double[] copies = new double[steps];
    for (int step = -WARMUP; step < steps; step++) {
      double copied = copy.bytesPerSecond();
      long started = System.nanoTime();
      decoder.step(next);
      double rate = 1 / seconds(started);
      if (step >= 0) {
        copies[step] = copied;
        rates[step] = rate;
      }
    }
    return new Result(
        batch,
        Medians.of(prompts),
        Medians.of(rates),
        decoder.weightBytesOfStep(),
        batch * cacheBytes(),
        Medians.of(copies));
  }

  /** Of one sequence. */
  private double cacheBytes() {
    int tokens = promptTokens + WARMUP + (steps - 1) / 2 + 1;
    int seen = model.window() == 0 ? tokens : Math.min(tokens, model.window());
    return 2.0 * Float.BYTES * model.layers() * model.groups() * model.headSize() * seen;
  }

  /** Small values of both signs. */
  private static void fill(ShardLayout layout, WeightSource.Target target) {
    for (UnitSpec unit : layout.units()) {
      for (TensorSpec tensor : unit.tensors()) {
        FloatRange values = target.place(tensor);
        for (int i = 0; i < values.length(); i++) {
          values.array()[values.offset() + i] = (i % 13 - 6) * 0.01f;
        }
        target.written(tensor, values);
      }
    }
  }

  private static double seconds(long started) {
    return (System.nanoTime() - started) * 1e-9;
  }
}
