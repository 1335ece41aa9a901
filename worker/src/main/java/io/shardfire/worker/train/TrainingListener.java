package io.shardfire.worker.train;

/** Hears of progress, on the training thread of every rank; must return quickly. */
public interface TrainingListener {
  /**
   * The rank is ready: parameters, planned bytes by arena, device, and the step it starts from (0,
   * or resumed).
   */
  void onStart(StartReport report);

  /** A step has ended; rank 0 only. */
  void onStep(StepReport report);

  /** A validation has ended; rank 0 only. */
  void onEvaluation(long step, double loss);

  /** A checkpoint has been committed; rank 0 only. */
  void onCheckpoint(long step, String folder);

  /** What a rank allocated and where it runs. */
  record StartReport(
      int rank,
      String host,
      String device,
      long parameters,
      long parameterBytes,
      long gradientBytes,
      long optimizerBytes,
      long activationBytes,
      long firstStep,
      long trainTokens,
      long validationTokens) {}

  /**
   * One optimizer step. Seconds and tokens are of this step; communication is the share of its time
   * rank 0 waited for peers, data the share that it waited for micro-batches to be read.
   *
   * @param lossScale after the step, where products are in fp16; else null
   * @param skipped whether nothing was updated, since loss or gradient norm were not finite
   */
  record StepReport(
      long step,
      double loss,
      double learningRate,
      double gradientNorm,
      long tokens,
      double seconds,
      double communicationShare,
      double dataShare,
      LossScale lossScale,
      boolean skipped) {}
}
