package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.reference.AdamWReference;
import io.shardfire.kernels.reference.OptimizerReference;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.InProcessGroup;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.program.UnitSpans;
import io.shardfire.worker.random.CounterRandom;
import io.shardfire.worker.train.TrainingConfiguration.OptimizerKind;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every tensor after whole steps, beside the optimizers' formulas in double. */
class OptimizerTest {
  /** Odd sizes; matrices, vectors, and gradients that are clipped. */
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(2, 3, 27, 11).vocabularySize(29).build();

  /** A few units in the last place of parameters, whose size is about 1. */
  private static final double TOLERANCE = 2e-6;

  private static final int STEPS = 4;

  private record Case(String name, Consumer<TrainingBuilder> change, Reference reference) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** Updates a tensor [rows, columns] in double, and what it keeps for that. */
  private interface Reference {
    void update(TrainingConfiguration training, Step step, Tensor tensor);
  }

  private record Step(int number, double learningRate, double gradientScale) {}

  private static final class Tensor {
    final boolean decayed;
    final double[] parameters;
    final double[] gradients;
    final double[] first;
    final double[] second;
    final double[] rowMoment;
    final double[] columnMoment;

    Tensor(TensorSpec spec) {
      int columns = spec.shape().get(spec.shape().size() - 1);
      int length = (int) spec.elements();
      decayed = spec.decayed();
      parameters = new double[length];
      gradients = new double[length];
      first = new double[length];
      second = new double[length];
      rowMoment = new double[length / columns];
      columnMoment = new double[columns];
    }

    double weightDecay(TrainingConfiguration training) {
      return decayed ? training.weightDecay() : 0;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case("adamw", t -> {}, OptimizerTest::adamW),
        new Case("lion", t -> t.optimizer(OptimizerKind.LION), OptimizerTest::lion),
        new Case("sgd", t -> t.optimizer(OptimizerKind.SGD), OptimizerTest::sgd),
        new Case(
            "sgd without momentum",
            t -> {
              t.optimizer(OptimizerKind.SGD);
              t.momentum(0);
            },
            OptimizerTest::sgd),
        new Case(
            "sgd of Nesterov",
            t -> {
              t.optimizer(OptimizerKind.SGD);
              t.nesterov(true);
            },
            OptimizerTest::sgd),
        new Case("adafactor", t -> t.optimizer(OptimizerKind.ADAFACTOR), OptimizerTest::adafactor),
        new Case(
            "adafactor, relative step",
            t -> {
              t.optimizer(OptimizerKind.ADAFACTOR);
              t.relativeStep(true);
            },
            OptimizerTest::adafactor));
  }

  private static void adamW(TrainingConfiguration training, Step step, Tensor tensor) {
    new AdamWReference(
            training.beta1(), training.beta2(), training.epsilon(), tensor.weightDecay(training))
        .step(
            tensor.parameters,
            tensor.gradients,
            tensor.first,
            tensor.second,
            step.learningRate(),
            1 - StrictMath.pow(training.beta1(), step.number()),
            1 - StrictMath.pow(training.beta2(), step.number()),
            step.gradientScale());
  }

  private static void lion(TrainingConfiguration training, Step step, Tensor tensor) {
    OptimizerReference.lion(
        tensor.parameters,
        tensor.gradients,
        tensor.first,
        step.learningRate(),
        step.gradientScale(),
        training.beta1(),
        training.beta2(),
        tensor.weightDecay(training));
  }

  private static void sgd(TrainingConfiguration training, Step step, Tensor tensor) {
    OptimizerReference.sgd(
        tensor.parameters,
        tensor.gradients,
        training.momentum() == 0 ? null : tensor.first,
        step.learningRate(),
        step.gradientScale(),
        training.momentum(),
        tensor.weightDecay(training),
        training.nesterov());
  }

  /** With the constants of the paper. */
  private static void adafactor(TrainingConfiguration training, Step step, Tensor tensor) {
    OptimizerReference.adafactor(
        tensor.parameters,
        tensor.gradients,
        tensor.rowMoment,
        tensor.columnMoment,
        step.learningRate(),
        1 - StrictMath.pow(step.number(), -0.8),
        step.gradientScale(),
        1e-30,
        training.relativeStep() ? 1e-3 : -1,
        1,
        tensor.weightDecay(training));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldUpdateEveryTensorAsTheReferenceDoes(Case tested) {
    TrainingBuilder settings = TestTraining.usual();
    settings.logicalShards(1);
    tested.change().accept(settings);
    TrainingConfiguration training = settings.build();
    LearningRateSchedule schedule = LearningRateSchedule.of(training);
    ComputeContext compute = ComputeContext.open(ComputeDevice.select("cpu"));
    int rows = training.microBatch() * MODEL.context();
    try (Communicator alone = InProcessGroup.of(1, Duration.ofMinutes(1)).communicator(0);
        TrainingStep step =
            new TrainingStep(
                MODEL,
                training,
                compute,
                alone,
                (completed, shard, pass, fields) -> {
                  for (int row = 0; row < rows; row++) {
                    fields.ids().set(row, token(completed, 2L * row));
                    fields.targets().set(row, token(completed, 2L * row + 1));
                  }
                })) {
      Map<String, Tensor> tensors = tensors(step);
      UnitSpans parameters = step.memory().parameters();
      tensors.forEach((name, tensor) -> read(step, name, parameters, tensor.parameters));
      for (int number = 1; number <= STEPS; number++) {
        step.run(number);
        UnitSpans gradients = step.memory().gradients();
        gradients.download();
        double scale = training.clipNorm() / step.gradientNorm();
        assertTrue(scale < 1, "scale=" + scale);
        Step done = new Step(number, (float) schedule.rate(number - 1), (float) scale);
        tensors.forEach(
            (name, tensor) -> {
              read(step, name, gradients, tensor.gradients);
              tested.reference().update(training, done, tensor);
            });
      }
      tensors.forEach((name, tensor) -> assertUpdated(step, name, tensor.parameters));
    }
  }

  private static int token(long step, long index) {
    return (int) (CounterRandom.uniform(step, index) * MODEL.vocabularySize());
  }

  private static Map<String, Tensor> tensors(TrainingStep step) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (UnitSpec unit : step.layout().layout().units()) {
      unit.tensors().forEach(spec -> tensors.put(spec.name(), new Tensor(spec)));
    }
    return tensors;
  }

  private static void read(TrainingStep step, String name, UnitSpans from, double[] to) {
    Span span = from.of(step.layout().layout().tensor(name));
    for (int i = 0; i < to.length; i++) {
      to[i] = span.get(i);
    }
  }

  private static void assertUpdated(TrainingStep step, String name, double[] expected) {
    double[] actual = new double[expected.length];
    step.memory().parameters().download();
    read(step, name, step.memory().parameters(), actual);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], TOLERANCE, name + "[" + i + "]");
    }
  }

  /** Floats for each parameter, or a small share of that; in memory and in a checkpoint. */
  @ParameterizedTest
  @MethodSource("cases")
  void shouldPlanOnlyWhatTheOptimizerKeeps(Case tested) {
    TrainingBuilder settings = TestTraining.usual();
    settings.checkpointEvery(1);
    tested.change().accept(settings);
    ModelConfiguration model =
        ModelConfiguration.decoder(12, 12, 768, 1024).vocabularySize(50_257).build();
    MemoryPlan plan = MemoryPlan.of(model, settings.build(), 1);
    MemoryPlan sharded = MemoryPlan.of(model, settings.build(), 2);
    double kept = ratio(plan.optimizerBytes(), plan.parameterBytes());
    double written = ratio(plan.checkpointBytes(), plan.parameterBytes()) - 1;
    if (tested.name().startsWith("adafactor")) {
      assertTrue(kept > 1e-3 && kept < 3e-3, "kept=" + kept);
      assertEquals(1, ratio(sharded.optimizerBytes(), plan.optimizerBytes()), 0.1);
    } else {
      assertEquals(
          Map.of("adamw", 2, "sgd without momentum", 0).getOrDefault(tested.name(), 1), kept, 1e-6);
      assertEquals(kept / 2, ratio(sharded.optimizerBytes(), plan.parameterBytes()), 1e-3);
    }
    assertEquals(kept, written, 2e-3);
  }

  private static double ratio(long bytes, long of) {
    return (double) bytes / (double) of;
  }
}
