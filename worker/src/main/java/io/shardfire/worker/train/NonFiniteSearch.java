package io.shardfire.worker.train;

import io.shardfire.kernels.device.Span;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.worker.architecture.Family;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Operation;
import io.shardfire.worker.program.ParameterFormat;
import io.shardfire.worker.program.ProgramRecorder;
import io.shardfire.worker.program.UnitSpans;
import io.shardfire.worker.program.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Names the first tensor with a value that is not finite, in the order of computation. */
final class NonFiniteSearch {
  private final RankMemoryLayout layout;
  private final RankMemory memory;

  NonFiniteSearch(RankMemoryLayout layout, RankMemory memory) {
    this.layout = layout;
    this.memory = memory;
  }

  /**
   * Looks at the parameters, then runs the last pass once more, operation by operation, since
   * values give way to later ones. Only for a run that stops: it leaves other gradients behind.
   *
   * @return null when all are finite
   */
  String inPass() {
    String found = tensors(unitsInOrder(), memory.parameters(), layout.format(), " parameter");
    if (found == null) {
      found = inOperations();
    }
    return found == null ? gradients() : found;
  }

  /** Looks at gradients, in the order of the backward pass; null when all are finite. */
  String gradients() {
    List<Integer> order = unitsInOrder();
    Collections.reverse(order);
    return tensors(order, memory.gradients(), ParameterFormat.FP32, " gradient");
  }

  private List<Integer> unitsInOrder() {
    List<Integer> order = new ArrayList<>();
    for (int unit = 0; unit < layout.layout().units().size(); unit++) {
      order.add(unit);
    }
    return order;
  }

  private String tensors(
      List<Integer> units, UnitSpans memory, ParameterFormat format, String kind) {
    ShardLayout shards = layout.layout();
    for (int unit : units) {
      for (TensorSpec tensor : shards.units().get(unit).tensors()) {
        if (!finite(memory.of(format.stored(shards.tensor(tensor.name()))), format)) {
          return Family.shortName(tensor.name()) + kind;
        }
      }
    }
    return null;
  }

  private String inOperations() {
    ProgramRecorder recorder = layout.recorder(memory);
    for (Operation operation : layout.training().operations()) {
      recorder.record(operation.name(), List.of(operation), false).run();
      for (Operand operand : operation.writes()) {
        if (operand instanceof Value value && !finite(recorder.span(value), ParameterFormat.FP32)) {
          return value.name();
        }
      }
    }
    return null;
  }

  private static boolean finite(Span span, ParameterFormat format) {
    span.download();
    float[] array = span.arena().array();
    for (int i = 0; i < span.length(); i++) {
      if (!format.isFinite(array[span.offset() + i])) {
        return false;
      }
    }
    return true;
  }
}
