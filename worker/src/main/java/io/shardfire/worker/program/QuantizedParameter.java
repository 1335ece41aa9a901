package io.shardfire.worker.program;

import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.kernels.ops.WeightQuantizer;
import io.shardfire.sharding.collective.FloatRange;

/**
 * A matrix W[outputs, inputs] of which a program reads levels and scales in place of what was
 * trained: see {@link WeightFormat}.
 *
 * @param parameter what was trained
 * @param inputsFirst whether it is stored [inputs, outputs]
 */
public record QuantizedParameter(
    Parameter parameter, WeightFormat format, int outputs, int inputs, boolean inputsFirst)
    implements Operand {
  @Override
  public String name() {
    return parameter.name();
  }

  /** A quantiser of such matrices. */
  public WeightQuantizer quantizer() {
    return new WeightQuantizer(format, outputs, inputs);
  }

  /** The matrix where it lies as it was trained. */
  public WeightQuantizer.Weights weights(FloatRange trained) {
    return new WeightQuantizer.Weights(
        trained.array(), trained.offset(), inputsFirst ? 1 : inputs, inputsFirst ? outputs : 1);
  }

  /** Bytes of levels and scales. */
  long bytes() {
    return format.bytes(outputs, inputs);
  }
}
