package io.shardfire.driver.launch;

import java.time.Duration;

/**
 * How a finished run ended.
 *
 * @param skippedSteps of the steps, those that have updated nothing, since gradients overflowed in
 *     fp16
 * @param validationLoss mean cross-entropy in nats over the fixed validation batches
 * @param checkpoint folder of the final checkpoint
 * @param restarts how often the run was started again after a failure
 * @param elapsed wall time in this process
 */
public record PretrainingResult(
    long steps,
    long skippedSteps,
    double validationLoss,
    String checkpoint,
    int restarts,
    Duration elapsed) {}
