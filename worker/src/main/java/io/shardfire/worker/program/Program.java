package io.shardfire.worker.program;

import io.shardfire.sharding.layout.UnitSpec;
import java.util.List;

/**
 * What a model computes in a pass: operations in order, cut into stages.
 *
 * @param units the parameters as they are gathered, reduced and stored together
 * @param parameters in the order they were declared
 * @param stages forward, then backward
 */
public record Program(
    Pass pass, List<UnitSpec> units, List<Parameter> parameters, List<Stage> stages) {
  /** Copies. */
  public Program {
    units = List.copyOf(units);
    parameters = List.copyOf(parameters);
    stages = List.copyOf(stages);
  }

  /** All operations, in order. */
  public List<Operation> operations() {
    return stages.stream().flatMap(stage -> stage.operations().stream()).toList();
  }
}
