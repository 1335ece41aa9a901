package io.shardfire.worker.train;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.sharding.collective.Communicator;
import org.apache.hadoop.conf.Configuration;

/** The training loop of one rank. Confined to the thread that runs it. */
public final class Trainer {
  private Trainer() {}

  /** What a finished run reports. */
  public record Outcome(long steps, double validationLoss, String checkpoint) {}

  /**
   * Trains until the last step, then validates and writes the final checkpoint.
   *
   * @throws TrainingException when the loss is not finite (names step, rank, tensor) or the data
   *     does not fit
   */
  public static Outcome run(
      RunSpecification specification,
      Configuration hadoop,
      ComputeContext compute,
      Communicator communicator,
      TrainingListener listener) {
    throw new UnsupportedOperationException("skeleton");
  }
}
