package io.shardfire.worker.program;

import io.shardfire.worker.program.Operation.Occasion;
import java.util.List;

/**
 * Operations that belong to one unit and one direction. Between stages the host may exchange with
 * other ranks.
 *
 * @param reads units whose parameters it reads, ascending: they must be whole before it runs
 * @param finishes units whose gradients are final once it has run, ascending
 */
public record Stage(
    String name, List<Integer> reads, List<Integer> finishes, List<Operation> operations) {
  /** Copies. */
  public Stage {
    reads = List.copyOf(reads);
    finishes = List.copyOf(finishes);
    operations = List.copyOf(operations);
  }

  /** Without what only the first run after a change of parameters does. */
  Stage withSameParameters() {
    return new Stage(
        name,
        reads,
        finishes,
        operations.stream().filter(operation -> operation.occasion() == Occasion.ALWAYS).toList());
  }
}
