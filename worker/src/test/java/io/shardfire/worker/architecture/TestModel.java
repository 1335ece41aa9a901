package io.shardfire.worker.architecture;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.PageAllocator;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Dropout;
import io.shardfire.kernels.ops.HalfPrecision;
import io.shardfire.kernels.ops.HalfPrecision.Format;
import io.shardfire.kernels.ops.Precision;
import io.shardfire.kernels.reference.DropoutReference;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.LanguageModel;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.ParameterFormat;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Placement;
import io.shardfire.worker.program.Program;
import io.shardfire.worker.program.ProgramRecorder;
import io.shardfire.worker.program.UnitPlacement;
import io.shardfire.worker.program.UnitSpans;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.random.CounterRandom;
import io.shardfire.worker.reference.DropoutFactors;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tape;
import io.shardfire.worker.reference.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;

/** A model with random parameters far from their initial values, recorded and in reference. */
final class TestModel {
  private static final long DROPOUT_KEY = 0x0123456789ABCDEFL;

  /** Of passes in fp16. */
  private static final float LOSS_FACTOR = 4096;

  private final ModelConfiguration configuration;
  private final TokenBatch batch;
  private final Pass pass;
  private final LanguageModel model;
  private final Program training;
  private final Program evaluation;
  private final ShardLayout layout;
  private final ProgramRecorder recorder;

  TestModel(ModelConfiguration configuration, int batchSize, int time) {
    this(configuration, Pass.training(batchSize, time, 1f / (batchSize * time)));
  }

  TestModel(ModelConfiguration configuration, Pass pass) {
    this(configuration, BatchForm.plain(pass.batch(), pass.time()), pass);
  }

  TestModel(ModelConfiguration configuration, BatchForm form, Pass pass) {
    this.configuration = configuration;
    this.batch = TokenBatch.of(form);
    this.pass = pass;
    this.model = Architecture.of(configuration, batch);
    this.training = model.record(pass);
    this.evaluation = model.record(evaluationPass(pass));
    this.layout = ShardLayout.of(training.units(), 1);
    PageSize size = PageSize.configured();
    Placement placement = Placement.of(size, batch.fields(), List.of(training, evaluation));
    PageAllocator parameterPages = new PageAllocator(size);
    PageAllocator gradientPages = new PageAllocator(size);
    UnitPlacement parameters = UnitPlacement.units(parameterPages, layout, pass.parameters());
    UnitPlacement gradients = UnitPlacement.units(gradientPages, layout);
    DeviceMemory memory = ComputeContext.open(ComputeDevice.select("cpu")).newMemory();
    this.recorder =
        new ProgramRecorder(
            memory,
            layout,
            parameters.in(memory.allocate("parameters", parameterPages.plan())),
            gradients.in(memory.allocate("gradients", gradientPages.plan())),
            placement,
            memory.allocate("activations", placement.pages()));
    boolean halves = pass.parameters() == ParameterFormat.BF16;
    UnitSpans drawn = halves ? recorder.gradients() : recorder.parameters();
    for (String name : names()) {
      Span span = drawn.of(layout.tensor(name));
      float[] array = span.arena().array();
      CounterRandom.fillNormal(
          CounterRandom.mix(17, name),
          name.endsWith("bias") ? 0.05 : 0.08,
          array,
          span.offset(),
          span.length());
      if (name.matches(".*(ln_\\w|[nN]orm)\\.weight")) {
        for (int i = 0; i < span.length(); i++) {
          array[span.offset() + i] += 1;
        }
      }
    }
    drawn.upload();
    if (halves) {
      round(drawn);
      clearGradients();
    }
    model.constants().forEach(table -> table.content().accept(recorder.span(table.value())));
    Dropout.writeKey(recorder.span(batch.dropoutKey()), DROPOUT_KEY);
    fill(batch.lossFactor(), i -> LOSS_FACTOR);
  }

  /** Packs whole units into the parameters. */
  private void round(UnitSpans drawn) {
    CommandRecorder rounding = recorder.memory().record("rounding");
    for (int unit = 0; unit < layout.units().size(); unit++) {
      HalfPrecision.pack(rounding, Format.BF16, drawn.unit(unit), recorder.parameters().unit(unit));
    }
    rounding.finish().run();
  }

  private static Pass evaluationPass(Pass pass) {
    return Pass.evaluation(pass.batch(), pass.time())
        .withPrecision(pass.precision())
        .withParameters(pass.parameters());
  }

  Program training() {
    return training;
  }

  ProgramRecorder recorder() {
    return recorder;
  }

  ShardLayout layout() {
    return layout;
  }

  List<String> names() {
    return layout.units().stream()
        .flatMap(unit -> unit.tensors().stream())
        .map(TensorSpec::name)
        .toList();
  }

  CommandBuffer pass(boolean accumulate) {
    return recorder.record("pass", training.operations(), accumulate);
  }

  CommandBuffer evaluation() {
    return recorder.record("evaluation", evaluation.operations(), false);
  }

  /** Draws what the host writes into each field. */
  void tokens(long key) {
    BatchForm form = batch.form();
    int time = form.time();
    int source = form.source();
    fill(batch.ids(), i -> token(key, 2L * i));
    // Some rows have nothing to predict.
    fill(batch.targets(), i -> form.weighted() && i % 5 == 3 ? -1 : token(key, 2L * i + 1));
    fill(batch.weights(), i -> 0.25f + CounterRandom.uniform(key + 1, i));
    fill(batch.segments(), i -> i % time < time / 2 ? 0 : 1);
    fill(batch.labels(), i -> i % 2);
    fill(batch.sourceIds(), i -> token(key + 2, i));
    documents(batch.visible(), time);
    documents(batch.sourceVisible(), source);
    if (source > 0) {
      fill(batch.crossVisible().first(), i -> 0);
      fill(batch.crossVisible().end(), i -> source - i / time % 3);
    }
  }

  /** Two documents in each sequence, then padding that sees nothing. */
  private void documents(TokenBatch.Interval interval, int time) {
    if (interval != null) {
      int cut = time / 3;
      int end = time - 1;
      fill(interval.first(), i -> i % time < cut || i % time >= end ? 0 : cut);
      fill(interval.end(), i -> i % time < cut ? cut : i % time < end ? end : 0);
    }
  }

  /** The fields that passes read. */
  TokenBatch batch() {
    return batch;
  }

  /** Replaces the parameters. */
  void load(BiConsumer<ShardLayout, List<FloatRange>> loader) {
    loader.accept(layout, recorder.parameters().onHost());
    recorder.parameters().upload();
  }

  /** Writes a field, unless the batch has none. */
  void fill(Value field, IntToDoubleFunction content) {
    if (field != null) {
      Span span = recorder.span(field);
      for (int i = 0; i < span.length(); i++) {
        span.set(i, (float) content.applyAsDouble(i));
      }
      span.upload();
    }
  }

  private int token(long key, long index) {
    return (int) (CounterRandom.uniform(key, index) * configuration.vocabularySize());
  }

  /** The gradients now, by tensor. */
  Map<String, float[]> gradients() {
    recorder.gradients().download();
    Map<String, float[]> gradients = new LinkedHashMap<>();
    for (String name : names()) {
      Span span = recorder.gradients().of(layout.tensor(name));
      int end = span.offset() + span.length();
      gradients.put(name, Arrays.copyOfRange(span.arena().array(), span.offset(), end));
    }
    return gradients;
  }

  void clearGradients() {
    for (FloatRange unit : recorder.gradients().onHost()) {
      Arrays.fill(unit.array(), unit.offset(), unit.offset() + unit.length(), 0);
    }
    recorder.gradients().upload();
  }

  double[] losses() {
    recorder.span(batch.losses()).download();
    return doubles(recorder.span(batch.losses()));
  }

  double[] labelLosses() {
    if (batch.labelLosses() == null) {
      return new double[0];
    }
    recorder.span(batch.labelLosses()).download();
    return doubles(recorder.span(batch.labelLosses()));
  }

  /** What the reference makes of the same tokens, with dropout or without. */
  Expected expected(boolean trains) {
    return expected(trains, 0);
  }

  /**
   * The same; where the precision is not fp32, null when an operand of a product is so close to the
   * middle between two numbers that a relative error decides to which it is rounded.
   */
  Expected expected(boolean trains, double error) {
    boolean[] ambiguous = {false};
    DoubleUnaryOperator rounding = Reference.rounding(pass.precision());
    Map<String, double[]> parameters = new LinkedHashMap<>();
    for (String name : names()) {
      parameters.put(name, doubles(recorder.parameters().of(layout.tensor(name))));
    }
    Reference reference =
        new Reference(
            trains ? pass : evaluationPass(pass),
            model.published(),
            parameters,
            new Masks(),
            pass.precision() == Precision.FP32
                ? DoubleUnaryOperator.identity()
                : value -> {
                  ambiguous[0] |= isAmbiguous(rounding, value, error);
                  return rounding.applyAsDouble(value);
                });
    for (Value field : batch.fields()) {
      if (field != batch.weights()) {
        reference.give(field, ints(recorder.span(field)));
      }
    }
    LanguageModel.Logits logits = model.reference(reference);
    Tape tape = reference.tape();
    Tensor losses = tape.crossEntropy(logits.tokens(), ints(recorder.span(batch.targets())));
    if (batch.weights() != null) {
      losses = tape.scale(losses, doubles(recorder.span(batch.weights())));
    }
    Tensor total = sum(tape, losses);
    double[] labelLosses = {};
    if (logits.sentences() != null) {
      Tensor classes = tape.crossEntropy(logits.sentences(), ints(recorder.span(batch.labels())));
      Tensor weighted = tape.scale(classes, pass.time());
      labelLosses = weighted.values().clone();
      total = tape.add(total, sum(tape, weighted));
    }
    tape.differentiate(total, pass.lossScale() * (pass.scalesLoss() ? LOSS_FACTOR : 1));
    return ambiguous[0]
        ? null
        : new Expected(logits, losses.values(), labelLosses, reference.gradients());
  }

  private static boolean isAmbiguous(DoubleUnaryOperator rounding, double value, double error) {
    // Parameters are the same floats everywhere.
    return value != (float) value
        && rounding.applyAsDouble(value * (1 + error))
            != rounding.applyAsDouble(value * (1 - error));
  }

  private static Tensor sum(Tape tape, Tensor column) {
    double[] ones = new double[column.rows()];
    Arrays.fill(ones, 1);
    return tape.product(tape.leaf(1, column.rows(), ones), column);
  }

  /** Losses by row, gradients by tensor. */
  static final class Expected {
    private final LanguageModel.Logits logits;
    private final double[] losses;
    private final double[] labelLosses;
    private final Map<String, double[]> gradients;

    private Expected(
        LanguageModel.Logits logits,
        double[] losses,
        double[] labelLosses,
        Map<String, double[]> gradients) {
      this.logits = logits;
      this.losses = losses;
      this.labelLosses = labelLosses;
      this.gradients = gradients;
    }

    double[] losses() {
      return losses;
    }

    LanguageModel.Logits logits() {
      return logits;
    }

    double[] labelLosses() {
      return labelLosses;
    }

    Map<String, double[]> gradients() {
      return gradients;
    }
  }

  private static final class Masks implements DropoutFactors {
    @Override
    public double element(int site, float rate, long element) {
      return new DropoutReference(rate, DROPOUT_KEY, site).factor(element);
    }

    @Override
    public double attention(int site, float rate, long row, int key) {
      return new DropoutReference(rate, DROPOUT_KEY, site).factor(row, key);
    }
  }

  private static int[] ints(Span span) {
    return Arrays.stream(doubles(span)).mapToInt(value -> (int) value).toArray();
  }

  private static double[] doubles(Span span) {
    double[] values = new double[span.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = span.get(i);
    }
    return values;
  }
}
