package io.shardfire.worker.train;

import io.shardfire.sharding.lease.LeaseTicket;
import io.shardfire.worker.architecture.ModelConfiguration;
import java.io.Serializable;
import java.util.List;

/**
 * All one rank needs to know to train.
 *
 * @param data folder that prepare wrote
 * @param run folder for checkpoints and metrics
 * @param from model folder that the run begins with the weights of, or empty
 * @param device selector of {@code ComputeDevice.select}
 * @param resume continue from the newest valid checkpoint of the run folder, if there is one
 * @param allowedChanges keys of settings in which the run may differ from the checkpoint
 * @param ticket names the run, and lets its ranks write into the run folder
 * @param effectiveConfiguration the whole configuration as YAML, stored in trainer.json
 */
public record RunSpecification(
    ModelConfiguration model,
    TrainingConfiguration training,
    String data,
    String run,
    String from,
    String device,
    boolean resume,
    List<String> allowedChanges,
    LeaseTicket ticket,
    String effectiveConfiguration)
    implements Serializable {
  /** Copies. */
  public RunSpecification {
    allowedChanges = List.copyOf(allowedChanges);
  }
}
