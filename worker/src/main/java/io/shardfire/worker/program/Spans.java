package io.shardfire.worker.program;

import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.QuantizedMatrix;

/** Where the operands of an operation lie while it is recorded. */
public interface Spans {
  /** The value's floats. */
  Span of(Value value);

  /** The parameter's floats. */
  Span of(Parameter parameter);

  /** The words of the parameter's floats. */
  Span of(HalvedParameter parameter);

  /** The parameter's levels and scales. */
  QuantizedMatrix of(QuantizedParameter parameter);

  /** The floats of the parameter's gradient. */
  Span of(ParameterGradient gradient);

  /** Whether the operation adds to the gradient instead of overwriting it. */
  boolean accumulates(ParameterGradient gradient);
}
