package io.shardfire.worker.program;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.QuantizedMatrix;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Leads an emission, which names what its module knew, to the copies that take its place.
 *
 * @param copies a value to a value; a parameter to a value or a parameter; what has no copy to
 *     itself
 */
record CopiedSpans(Spans spans, UnaryOperator<Operand> copies) implements Spans {

  /** The operation, with the copies of what it reads. */
  static Operation reading(Operation operation, UnaryOperator<Operand> copies) {
    List<Operand> reads = operation.reads().stream().map(copies).toList();
    if (reads.equals(operation.reads())) {
      return operation;
    }
    return new Operation(
        operation.name(),
        reads,
        operation.writes(),
        (recorder, spans) -> operation.emission().record(recorder, new CopiedSpans(spans, copies)),
        operation.occasion());
  }

  @Override
  public Span of(Value value) {
    return copy(value);
  }

  @Override
  public Span of(Parameter parameter) {
    return copy(parameter);
  }

  private Span copy(Operand operand) {
    Operand copy = copies.apply(operand);
    return copy instanceof Value value ? spans.of(value) : spans.of((Parameter) copy);
  }

  @Override
  public Span of(HalvedParameter parameter) {
    return spans.of(parameter);
  }

  @Override
  public QuantizedMatrix of(QuantizedParameter parameter) {
    return spans.of(parameter);
  }

  @Override
  public Span of(ParameterGradient gradient) {
    return spans.of(gradient);
  }

  @Override
  public boolean accumulates(ParameterGradient gradient) {
    return spans.accumulates(gradient);
  }
}
