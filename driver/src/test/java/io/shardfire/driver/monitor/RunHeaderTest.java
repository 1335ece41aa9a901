package io.shardfire.driver.monitor;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.plan.ClusterConfiguration;
import io.shardfire.driver.plan.ExistingRun;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.driver.plan.RecoveryConfiguration;
import io.shardfire.driver.plan.RunPlan;
import io.shardfire.driver.plan.SampleRun;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.worker.program.ActivationFormat;
import io.shardfire.worker.program.ParameterFormat;
import io.shardfire.worker.train.TrainingConfiguration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunHeaderTest {
  @Test
  void shouldSayWhatIsRounded() {
    RunPlan plan = SampleRun.plan(4, 3L << 30);
    TrainingConfiguration rounded =
        plan.training()
            .with()
            .activations(ActivationFormat.BF16)
            .parameters(ParameterFormat.BF16)
            .gradientExchange(ElementType.BF16)
            .build();
    String header = header(plan, rounded);
    assertTrue(
        header.contains(
            "\nprecision   fp32; activations in bf16 until the backward pass reads them;"
                + " passes read parameters rounded to bf16; gradients in bf16 between ranks\n"),
        header);
  }

  private static String header(RunPlan plan, TrainingConfiguration training) {
    RunPlan changed =
        new RunPlan(
            plan.ranks(), plan.model(), training, plan.corpus(), plan.memory(), plan.heap());
    PretrainConfiguration configuration =
        new PretrainConfiguration(
            plan.model(),
            training,
            "corpora/a",
            "runs/a",
            "",
            "auto",
            ClusterConfiguration.DEFAULT,
            RecoveryConfiguration.DEFAULT,
            ExistingRun.REFUSE,
            List.of(),
            false,
            "");
    return RunHeader.text(
        configuration,
        changed,
        List.of(SampleRun.executor("3", 3L << 30, SampleRun.computing("00ff"))));
  }

  @Test
  void shouldShowEveryFigureOfTheMemoryPlanAndHowTheExecutorsCompute() {
    RunPlan plan = SampleRun.plan(4, 3L << 30);

    String header = header(plan, plan.training());

    assertTrue(
        header.contains(
            "\noptimizer   adamw, beta1=0.9, beta2=0.95, weight decay 0.1, norm clipped at 1.0\n"),
        header);
    assertTrue(
        header.contains(
            "\nschedule    cosine, 10 steps of warm-up, then from 1.0e-3 to 1.0e-4 at step 100\n"),
        header);
    assertTrue(header.contains("\nprecision   fp32\n"), header);
    assertTrue(
        header.contains(
            ", received gradients "
                + Figures.bytes(plan.memory().receiveBytes())
                + ", checkpoint "
                + Figures.bytes(plan.memory().checkpointBytes())
                + ", token window "
                + Figures.bytes(plan.memory().corpusBytes())),
        header);
    assertTrue(
        header.contains(
            "device=cpu-a, kernels=cpu with 8 lanes and tiles, driver=PoCL 3.1, java=17, fingerprint=00ff"),
        header);
    assertFalse(header.contains("packed weights"), header);
  }

  @Test
  void shouldShowWhatKeptWeightsTakeAndHowToDoWithout() {
    RunPlan plan = SampleRun.plan(2, 3L << 30, Precision.BF16);

    String header = header(plan, plan.training());

    assertTrue(
        header.contains(
            ", packed weights "
                + Figures.bytes(plan.memory().packedWeightBytes())
                + " (0 with training.packedWeights=false), received gradients "),
        header);
  }

  @ParameterizedTest
  @CsvSource({"2, FP32", "2, FP16", "8, BF16"})
  void shouldSayWhyWeightsThatWereToBeKeptAreNot(int ranks, Precision precision) {
    RunPlan plan = SampleRun.plan(ranks, 3L << 30, precision);

    String header = header(plan, plan.training());

    assertTrue(
        header.contains(
            ", packed weights 0 B (only with training.precision=bf16, training.parameters=fp32 and"
                + " several passes a step), received gradients "),
        header);
  }
}
