package io.shardfire.driver.monitor;

import io.shardfire.driver.plan.ComputeIdentity;
import io.shardfire.driver.plan.ExecutorReport;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.driver.plan.RunPlan;
import io.shardfire.kernels.device.ProductUnit;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.train.MemoryPlan;
import io.shardfire.worker.train.TrainingConfiguration;
import java.util.List;
import java.util.Locale;

/** The lines above a run: what will be trained, on what, with how much memory, and where. */
public final class RunHeader {
  private static final int LABEL = 12;

  private RunHeader() {}

  /**
   * The text.
   *
   * @param executors what the executors found; may be empty
   */
  public static String text(
      PretrainConfiguration configuration, RunPlan plan, List<ExecutorReport> executors) {
    StringBuilder text = new StringBuilder("Shardfire pre-training\n");
    configuration
        .effectiveConfiguration()
        .lines()
        .forEach(l -> text.append("  ").append(l).append('\n'));
    if (!configuration.effectiveConfiguration().isBlank()) {
      text.append('\n');
    }
    line(text, "model", model(plan));
    line(text, "data", data(configuration, plan));
    line(text, "run", configuration.run());
    if (!configuration.from().isEmpty()) {
      line(text, "from", configuration.from());
    }
    line(text, "objective", plan.training().objectiveSettings(plan.model()).summary());
    line(text, "batch", batch(plan));
    line(text, "optimizer", optimizer(plan.training()));
    line(text, "schedule", schedule(plan.training()));
    line(text, "precision", precision(plan.training()));
    line(text, "ranks", ranks(plan));
    line(text, "memory", memory(plan));
    for (ExecutorReport executor : executors) {
      line(text, "executor " + executor.executorId(), executor(executor));
    }
    return text.toString().stripTrailing();
  }

  private static String model(RunPlan plan) {
    return Figures.count(plan.memory().parameters())
        + " parameters: "
        + Architecture.describe(plan.model());
  }

  private static String data(PretrainConfiguration configuration, RunPlan plan) {
    return configuration.data()
        + ": "
        + plan.corpus()
            .map(
                corpus ->
                    Figures.count(corpus.trainTokens())
                        + " tokens to train on, "
                        + Figures.count(corpus.validationTokens())
                        + " to validate, tokenizer "
                        + corpus.tokenizer())
            .orElse("to be made first");
  }

  private static String batch(RunPlan plan) {
    TrainingConfiguration training = plan.training();
    BatchForm form = training.form(plan.model());
    long sequences =
        (long) training.logicalShards() * training.accumulation() * training.microBatch();
    return training.logicalShards()
        + " logical shards x "
        + training.accumulation()
        + " passes x "
        + training.microBatch()
        + " sequences x "
        + (form.source() > 0 ? "(" + form.source() + " + " + form.time() + ")" : form.time())
        + " tokens = "
        + sequences * (form.source() + form.time())
        + " tokens a step, "
        + training.steps()
        + " steps"
        + plan.corpus()
            .map(corpus -> (double) sequences * training.steps() / corpus.sequencesPerEpoch())
            .map(epochs -> ", " + Figures.fixed(epochs, 2) + " epochs")
            .orElse("");
  }

  private static String optimizer(TrainingConfiguration training) {
    String name = name(training.optimizer());
    return switch (training.optimizer()) {
          case ADAMW, LION -> name + ", beta1=" + training.beta1() + ", beta2=" + training.beta2();
          case SGD ->
              name
                  + ", momentum="
                  + training.momentum()
                  + (training.nesterov() ? " (Nesterov)" : "");
          case ADAFACTOR -> name + (training.relativeStep() ? ", relative step" : "");
        }
        + ", weight decay "
        + training.weightDecay()
        + ", norm clipped at "
        + training.clipNorm();
  }

  private static String schedule(TrainingConfiguration training) {
    String peak = Figures.scientific(training.learningRate());
    String end =
        " to "
            + Figures.scientific(training.minimumLearningRate())
            + " at step "
            + training.lastDecayStep();
    return name(training.schedule())
        + ", "
        + training.warmupSteps()
        + " steps of warm-up, "
        + switch (training.schedule()) {
          case COSINE, LINEAR -> "then from " + peak + end;
          case CONSTANT -> "then " + peak;
          case WSD ->
              "then "
                  + peak
                  + ", from step "
                  + training.firstDecayStep()
                  + " "
                  + name(training.decayShape())
                  + end;
        };
  }

  private static String precision(TrainingConfiguration training) {
    return products(training) + activations(training) + parameters(training) + exchange(training);
  }

  private static String products(TrainingConfiguration training) {
    return switch (training.precision()) {
      case FP32 -> "fp32";
      case BF16 -> "bf16 operands of products; sums, parameters and the optimizer's state in fp32";
      case FP16 ->
          "fp16 operands of products, loss scale "
              + Figures.fixed(training.lossScale(), 0)
              + " at first; sums, parameters and the optimizer's state in fp32";
    };
  }

  private static String activations(TrainingConfiguration training) {
    return switch (training.activations()) {
      case FP32 -> "";
      case BF16 -> "; activations in bf16 until the backward pass reads them";
    };
  }

  private static String parameters(TrainingConfiguration training) {
    return switch (training.parameters()) {
      case FP32 -> "";
      case BF16 -> "; passes read parameters rounded to bf16";
    };
  }

  private static String exchange(TrainingConfiguration training) {
    return switch (training.gradientExchange()) {
      case FP32 -> "";
      case BF16 -> "; gradients in bf16 between ranks";
    };
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static String ranks(RunPlan plan) {
    return plan.ranks().ranks() + ", ZeRO stage " + plan.training().zeroStage();
  }

  /** What recomputation would save of the activations. */
  private static String recomputed(RunPlan plan) {
    if (plan.training().recompute()) {
      return " (recomputed)";
    }
    MemoryPlan recomputing =
        MemoryPlan.of(
            plan.model(), plan.training().with().recompute(true).build(), plan.ranks().ranks());
    return " (" + Figures.bytes(recomputing.activationBytes()) + " with training.recompute)";
  }

  private static String memory(RunPlan plan) {
    MemoryPlan memory = plan.memory();
    return Figures.bytes(memory.totalBytes())
        + " a rank, in a heap of "
        + Figures.bytes(plan.heap().bytesPerRank())
        + ": parameters "
        + Figures.bytes(memory.parameterBytes())
        + ", gradients "
        + Figures.bytes(memory.gradientBytes())
        + ", optimizer "
        + Figures.bytes(memory.optimizerBytes())
        + ", activations "
        + Figures.bytes(memory.activationBytes())
        + recomputed(plan)
        + packedWeights(plan.training(), memory.packedWeightBytes())
        + ", received gradients "
        + Figures.bytes(memory.receiveBytes())
        + ", checkpoint "
        + Figures.bytes(memory.checkpointBytes())
        + ", token window "
        + Figures.bytes(memory.corpusBytes());
  }

  private static String packedWeights(TrainingConfiguration training, long bytes) {
    if (!training.packedWeights()) {
      return "";
    }
    return ", packed weights "
        + Figures.bytes(bytes)
        + (bytes > 0
            ? " (0 with training.packedWeights=false)"
            : " (only with training.precision=bf16, training.parameters=fp32 and several passes a"
                + " step)");
  }

  private static String executor(ExecutorReport executor) {
    return "host="
        + executor.host()
        + ", process="
        + executor.processId()
        + ", heap="
        + Figures.bytes(executor.heapBytes())
        + ", device="
        + (executor.compute().computes() ? computes(executor.compute()) : "none");
  }

  private static String computes(ComputeIdentity compute) {
    return compute.device().strip()
        + ", kernels="
        + compute.form()
        + " with "
        + compute.lanes()
        + (compute.lanes() == 1 ? " lane" : " lanes")
        + (ProductUnit.VECTORS.toString().equals(compute.unit()) ? "" : " and " + compute.unit())
        + ", driver="
        + compute.driver().split(",", 2)[0].replaceAll("\\s+", " ").strip()
        + ", java="
        + compute.java()
        + ", fingerprint="
        + compute.fingerprint();
  }

  private static void line(StringBuilder text, String label, String value) {
    text.append(label)
        .append(" ".repeat(Math.max(1, LABEL - label.length())))
        .append(value)
        .append('\n');
  }
}
