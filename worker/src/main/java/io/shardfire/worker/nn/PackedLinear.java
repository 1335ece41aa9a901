package io.shardfire.worker.nn;

import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Linear layers of one input whose outputs lie side by side, as queries, keys and values do: one
 * layer where a family stores them as one, else several.
 *
 * @param name of the output
 */
public record PackedLinear(String name, List<Linear> parts) {
  /** Copies. */
  public PackedLinear {
    parts = List.copyOf(parts);
  }

  /** Columns of the output. */
  public int outputs() {
    return parts.stream().mapToInt(Linear::outputs).sum();
  }

  /** x[M,inputs] to [M,outputs]. */
  public Value record(Recording r, Value x) {
    return into(r, x, r.activation(name, x.rows(), outputs()));
  }

  /** The same into y[M,outputs]. */
  Value into(Recording r, Value x, Value y) {
    int column = 0;
    for (Linear part : parts) {
      part.into(r, x, null, y, column);
      column += part.outputs();
    }
    return y;
  }

  /** The same in double precision. */
  public Tensor reference(Reference r, Tensor x) {
    List<Tensor> outputs = new ArrayList<>();
    for (Linear part : parts) {
      outputs.add(part.reference(r, x));
    }
    return r.tape().beside(outputs);
  }
}
