package io.shardfire.worker.inspect;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.Span;
import io.shardfire.worker.program.Operation;
import io.shardfire.worker.program.ProgramRecorder;
import io.shardfire.worker.program.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs an evaluation pass in parts, each of which ends when the losses of some rows are there: then
 * their logits are, too. Confined to one thread.
 */
final class LogitsPass {
  private final int vocabularySize;
  private final List<Part> parts = new ArrayList<>();

  /** Gets the logits of one row after the other. */
  @FunctionalInterface
  interface Reader {
    /**
     * Reads a row, whose logits are there only now.
     *
     * @param row of the batch
     * @param from where in the array the logit of id 0 is; the others follow
     */
    void read(int row, float[] array, int from);
  }

  /**
   * Operations up to the losses of some rows.
   *
   * @param logits of these rows, [rows, stride]
   */
  private record Part(CommandBuffer buffer, Span logits, int stride) {
    int rows() {
      return logits.length() / stride;
    }
  }

  LogitsPass(ProgramRecorder recorder, PlannedPass pass, int vocabularySize) {
    this.vocabularySize = vocabularySize;
    List<Operation> operations = new ArrayList<>();
    for (Operation operation : pass.program().operations()) {
      operations.add(operation);
      if (writes(operation, pass.batch().losses())) {
        Value logits = logits(operation);
        parts.add(
            new Part(
                recorder.record("losses", operations, false),
                recorder.span(logits),
                logits.columns()));
        operations.clear();
      }
    }
  }

  private static boolean writes(Operation operation, Value value) {
    return operation.writes().stream().anyMatch(operand -> operand.name().equals(value.name()));
  }

  /** The one operand that has a column for every token. */
  private Value logits(Operation operation) {
    return operation.reads().stream()
        .filter(Value.class::isInstance)
        .map(Value.class::cast)
        .filter(value -> value.columns() >= vocabularySize)
        .findFirst()
        .orElseThrow();
  }

  /** Computes the batch that was uploaded. */
  void run(Reader reader) {
    int row = 0;
    for (Part part : parts) {
      part.buffer().run();
      part.logits().download();
      float[] array = part.logits().arena().array();
      for (int i = 0; i < part.rows(); i++, row++) {
        reader.read(row, array, part.logits().offset() + i * part.stride());
      }
    }
  }

  /** Whether no other id has a larger logit, nor a smaller id the same. */
  boolean isLikeliest(float[] array, int from, int target) {
    float logit = array[from + target];
    for (int id = 0; id < vocabularySize; id++) {
      float other = array[from + id];
      if (other > logit || (other == logit && id < target)) {
        return false;
      }
    }
    return true;
  }
}
