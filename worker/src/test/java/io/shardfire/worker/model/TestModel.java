package io.shardfire.worker.model;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.kernels.device.Span;
import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A model with random parameters far from their initial values. */
final class TestModel {
  private final Gpt2Configuration configuration;
  private final ShardLayout layout;
  private final Arena parameters;
  private final Arena gradients;
  private final Arena activations;
  private final Gpt2 model;

  TestModel(Gpt2Configuration configuration, int batch, int time) {
    this.configuration = configuration;
    this.layout =
        ShardLayout.of(Gpt2Parameters.units(configuration), 1, OffsetAllocator.firstOffset());
    OffsetAllocator allocator = new OffsetAllocator();
    Gpt2Activations plan = Gpt2Activations.plan(allocator, configuration, batch, time);
    DeviceMemory memory = ComputeContext.open(ComputeDevice.select("cpu")).newMemory();
    this.parameters = memory.allocate("parameters", layout.base() + layout.length());
    this.gradients = memory.allocate("gradients", layout.base() + layout.length());
    this.activations = memory.allocate("activations", allocator.size());
    this.model = Gpt2.of(configuration, layout, plan, memory, parameters, gradients, activations);
    for (String name : names()) {
      FlatRange range = layout.tensor(name);
      CounterRandom.fillNormal(
          CounterRandom.mix(17, name),
          name.endsWith("bias") ? 0.05 : 0.08,
          parameters.array(),
          range.offset(),
          range.length());
      if (name.matches(".*ln_\\w\\.weight")) {
        for (int i = range.offset(); i < range.end(); i++) {
          parameters.array()[i] += 1;
        }
      }
    }
    whole(parameters).upload();
  }

  private static Span whole(Arena arena) {
    return arena.span(0, arena.size());
  }

  Gpt2 model() {
    return model;
  }

  Gpt2Activations plan() {
    return model.plan();
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

  /** Draws ids and targets. */
  void tokens(long key) {
    for (int i = 0; i < plan().rows(); i++) {
      activations.array()[plan().ids().offset() + i] = token(key, 2L * i);
      activations.array()[plan().targets().offset() + i] = token(key, 2L * i + 1);
    }
    plan().ids().in(activations).upload();
    plan().targets().in(activations).upload();
  }

  private int token(long key, long index) {
    return (int) (CounterRandom.uniform(key, index) * configuration.vocabularySize());
  }

  Span dropoutKey() {
    return plan().dropoutKey().in(activations);
  }

  Map<String, double[]> parameters() {
    Map<String, double[]> tensors = new LinkedHashMap<>();
    for (String name : names()) {
      FlatRange range = layout.tensor(name);
      tensors.put(name, doubles(parameters, range.offset(), range.length()));
    }
    return tensors;
  }

  /** The gradients now, indexed by the layout. */
  float[] gradients() {
    whole(gradients).download();
    return gradients.array().clone();
  }

  void clearGradients() {
    Arrays.fill(gradients.array(), 0);
    whole(gradients).upload();
  }

  int[] ids() {
    return ints(plan().ids());
  }

  int[] targets() {
    return ints(plan().targets());
  }

  double[] losses() {
    plan().losses().in(activations).download();
    return doubles(activations, plan().losses().offset(), plan().rows());
  }

  private int[] ints(Slot slot) {
    int[] values = new int[slot.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (int) activations.array()[slot.offset() + i];
    }
    return values;
  }

  private static double[] doubles(Arena arena, int offset, int length) {
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = arena.array()[offset + i];
    }
    return values;
  }
}
