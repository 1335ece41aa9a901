package io.shardfire.worker.nn;

import io.shardfire.kernels.ops.StoredMatrix;
import io.shardfire.worker.program.HalvedParameter;
import io.shardfire.worker.program.Operand;
import io.shardfire.worker.program.Parameter;
import io.shardfire.worker.program.ParameterFormat;
import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Spans;

/**
 * A matrix among the parameters that an operation reads as the pass keeps it, so that it need not
 * be unpacked.
 *
 * @param operand what the operation is to declare
 */
record StoredParameter(Parameter parameter, Operand operand) {
  static StoredParameter of(Recording r, Parameter parameter) {
    return new StoredParameter(
        parameter,
        r.pass().parameters() == ParameterFormat.BF16 ? new HalvedParameter(parameter) : parameter);
  }

  StoredMatrix in(Spans spans) {
    int rows = parameter.tensor().shape().get(0);
    int columns = parameter.tensor().shape().get(1);
    return operand instanceof HalvedParameter words
        ? StoredMatrix.bf16(spans.of(words), rows, columns)
        : StoredMatrix.floats(spans.of(parameter), rows, columns);
  }
}
