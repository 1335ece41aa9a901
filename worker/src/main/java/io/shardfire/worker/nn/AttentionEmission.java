package io.shardfire.worker.nn;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.ops.AttentionOptions;
import io.shardfire.kernels.ops.FlashAttention;
import io.shardfire.worker.program.Emission;
import io.shardfire.worker.program.Spans;
import java.util.function.Function;

/**
 * Attention of whole sequences as an operation of a program, told apart from others so that its
 * weights can be looked at.
 */
public record AttentionEmission(
    Function<Spans, AttentionOptions> options,
    Function<Spans, FlashAttention.Inputs> inputs,
    Function<Spans, FlashAttention.Outputs> outputs)
    implements Emission {

  @Override
  public void record(CommandRecorder recorder, Spans spans) {
    FlashAttention.forward(
        recorder, options.apply(spans), inputs.apply(spans), outputs.apply(spans));
  }
}
