package io.shardfire.worker.program;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.Pages;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.QuantizedMatrix;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.UnitRange;
import java.util.List;
import java.util.Map;

/**
 * Makes command buffers of programs over the arenas of a rank. Confined to the thread that owns the
 * memory.
 *
 * @param layout where tensors lie in their units
 * @param parameters where the units lie, in the format that the programs were recorded for
 * @param gradients where those of the units lie; null when no program has a backward pass
 * @param placement where values lie in {@code activations}
 * @param quantized matrices by the names of their tensors, which the layout then lacks
 */
public record ProgramRecorder(
    DeviceMemory memory,
    ShardLayout layout,
    UnitSpans parameters,
    UnitSpans gradients,
    Placement placement,
    Pages activations,
    Map<String, QuantizedMatrix> quantized) {

  /** Copies. */
  public ProgramRecorder {
    quantized = Map.copyOf(quantized);
  }

  /** Of programs that read parameters as they were trained. */
  public ProgramRecorder(
      DeviceMemory memory,
      ShardLayout layout,
      UnitSpans parameters,
      UnitSpans gradients,
      Placement placement,
      Pages activations) {
    this(memory, layout, parameters, gradients, placement, activations, Map.of());
  }

  /**
   * Some operations as one buffer.
   *
   * @param accumulate parameter gradients are added to what the arena holds; otherwise overwritten
   */
  public CommandBuffer record(String name, List<Operation> operations, boolean accumulate) {
    CommandRecorder recorder = memory.record(name);
    for (Operation operation : operations) {
      operation.emission().record(recorder, new OperandSpans(this, operation, accumulate));
    }
    return recorder.finish();
  }

  /** Each stage as a buffer, to be run in order. */
  public List<CommandBuffer> stages(Program program, boolean accumulate) {
    return program.stages().stream()
        .map(stage -> record(stage.name(), stage.operations(), accumulate))
        .toList();
  }

  /** Where a value lies. */
  public Span span(Value value) {
    return placement.span(value, activations);
  }

  private Span span(Parameter parameter, UnitSpans units) {
    return units.of(layout.tensor(parameter.name()));
  }

  /** Resolves the operands that an operation has declared, and no others. */
  private record OperandSpans(ProgramRecorder recorder, Operation operation, boolean accumulate)
      implements Spans {
    @Override
    public Span of(Value value) {
      return recorder.span(declared(value));
    }

    @Override
    public Span of(Parameter parameter) {
      return recorder.span(declared(parameter), recorder.parameters());
    }

    @Override
    public Span of(HalvedParameter parameter) {
      String tensor = declared(parameter).parameter().name();
      UnitRange words = ParameterFormat.BF16.stored(recorder.layout().tensor(tensor));
      return recorder.parameters().of(words);
    }

    @Override
    public QuantizedMatrix of(QuantizedParameter parameter) {
      return recorder.quantized().get(declared(parameter).name());
    }

    @Override
    public Span of(ParameterGradient gradient) {
      return recorder.span(declared(gradient).parameter(), recorder.gradients());
    }

    @Override
    public boolean accumulates(ParameterGradient gradient) {
      return accumulate || !gradient.first();
    }

    /** Lifetimes follow from what is declared: another operand's memory may be somebody else's. */
    private <T extends Operand> T declared(T operand) {
      if (!operation.uses(operand)) {
        throw new IllegalStateException(
            "The operation does not declare this operand: operation="
                + operation.name()
                + ", operand="
                + operand.name());
      }
      return operand;
    }
  }
}
