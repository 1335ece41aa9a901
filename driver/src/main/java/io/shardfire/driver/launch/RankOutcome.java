package io.shardfire.driver.launch;

import java.io.Serializable;

/** What a rank's task returns to the driver through Spark, after the last step that it does. */
public record RankOutcome(
    int rank, long steps, long skippedSteps, double validationLoss, String checkpoint)
    implements Serializable {}
