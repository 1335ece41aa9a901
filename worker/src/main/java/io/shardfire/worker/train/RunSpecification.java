package io.shardfire.worker.train;

import io.shardfire.worker.architecture.ModelConfiguration;
import java.io.Serializable;

/**
 * All one rank needs to know to train.
 *
 * @param data folder that prepare wrote
 * @param run folder for checkpoints and metrics
 * @param device selector of {@code ComputeDevice.select}
 * @param resume continue from the newest valid checkpoint of the run folder, if there is one
 * @param effectiveConfiguration the whole configuration as YAML, stored in trainer.json
 */
public record RunSpecification(
    ModelConfiguration model,
    TrainingConfiguration training,
    String data,
    String run,
    String device,
    boolean resume,
    String effectiveConfiguration)
    implements Serializable {}
