package io.shardfire.worker.program;

import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.program.Operation.Occasion;
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

  /** Without what only the first run after a change of parameters does. */
  public Program withSameParameters() {
    return prepared().isEmpty()
        ? this
        : new Program(
            pass, units, parameters, stages.stream().map(Stage::withSameParameters).toList());
  }

  /** Floats of all values that the first run after a change of parameters makes of them. */
  public long preparedFloats() {
    return prepared().stream()
        .flatMap(operation -> operation.writes().stream())
        .mapToLong(operand -> ((Value) operand).floats())
        .sum();
  }

  private List<Operation> prepared() {
    return operations().stream()
        .filter(operation -> operation.occasion() == Occasion.NEW_PARAMETERS)
        .toList();
  }

  /** All operations, in order. */
  public List<Operation> operations() {
    return stages.stream().flatMap(stage -> stage.operations().stream()).toList();
  }
}
