package io.shardfire.driver.monitor;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.plan.ClusterConfiguration;
import io.shardfire.driver.plan.ExistingRun;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.driver.plan.RecoveryConfiguration;
import io.shardfire.driver.plan.RunPlan;
import io.shardfire.driver.plan.SampleRun;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunHeaderTest {
  @Test
  void shouldShowEveryFigureOfTheMemoryPlanAndHowTheExecutorsCompute() {
    RunPlan plan = SampleRun.plan(4, 3L << 30);
    PretrainConfiguration configuration =
        new PretrainConfiguration(
            plan.model(),
            plan.training(),
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

    String header =
        RunHeader.text(
            configuration,
            plan,
            List.of(SampleRun.executor("3", 3L << 30, SampleRun.computing("00ff"))));

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
  }
}
