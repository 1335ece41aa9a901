package io.shardfire.worker.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.kernels.ops.WeightQuantizer;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.random.CounterRandom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Losses with quantised weights beside those of a model that has what the levels stand for. */
final class QuantizedEvaluationTest {
  private static final ModelConfiguration GPT2 =
      ModelConfiguration.decoder(2, 3, 48, 9).vocabularySize(31).build();

  @TempDir private Path folder;

  /** GPT-2 stores [inputs, outputs], its table of tokens [V, D]. */
  private static float[] rounded(TensorSpec tensor, float[] trained, WeightFormat format) {
    float[] weights = trained.clone();
    if (tensor.shape().size() == 2 && !tensor.name().endsWith("wpe.weight")) {
      boolean table = tensor.name().endsWith("wte.weight");
      int rows = tensor.shape().get(0);
      int columns = tensor.shape().get(1);
      new WeightQuantizer(format, table ? rows : columns, table ? columns : rows)
          .round(new WeightQuantizer.Weights(weights, 0, table ? columns : 1, table ? 1 : columns));
    }
    return weights;
  }

  @ParameterizedTest
  @EnumSource(
      value = WeightFormat.class,
      names = {"INT8", "INT4"})
  void shouldEvaluateWhatTheLevelsStandFor(WeightFormat format) throws IOException {
    int[] tokens = new int[41];
    Arrays.setAll(tokens, i -> (int) (CounterRandom.uniform(9, i) * 31));
    SmallModel.writeCorpus(folder.resolve("corpus"), SmallModel.tokenizer(), tokens);
    SmallModel trained = SmallModel.random(GPT2);
    SmallModel rounded =
        SmallModel.filled(
            GPT2, tensor -> rounded(tensor, trained.weights().get(tensor.name()), format));

    double expected = loss(rounded, WeightFormat.FP32);
    double actual = loss(trained, format);

    assertEquals(expected, actual, 5e-6);
    assertTrue(Math.abs(expected - loss(trained, WeightFormat.FP32)) > 5e-5, "rounding shows");
  }

  private double loss(SmallModel small, WeightFormat format) throws IOException {
    List<Losses> rows = new ArrayList<>();
    Path place = folder.resolve("model");
    small.open(place).close();
    Configuration hadoop = new Configuration(false);
    try (OpenModel model = OpenModel.open(hadoop, SmallModel.hadoop(place), "small", format);
        TokenDataset data =
            TokenDataset.open(hadoop, SmallModel.hadoop(folder.resolve("corpus")))) {
      LossEvaluation.of(
              List.of(new LossEvaluation.Task(model, List.of(8))), data, TokenSplit.VALIDATION, 0)
          .run(
              ComputeContext.open(ComputeDevice.select("cpu")),
              (evaluated, losses) -> rows.add(losses));
    }
    return rows.get(0).mean();
  }
}
