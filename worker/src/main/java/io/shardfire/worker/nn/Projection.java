package io.shardfire.worker.nn;

import io.shardfire.worker.program.Recording;
import io.shardfire.worker.program.Value;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;

/** The last layer of a branch, which joins the residual stream: residual + dropout(linear(x)). */
public record Projection(Linear linear, Dropped dropout) {

  /** x[M,inputs] and residual[M,D] to [M,D]; without dropout as one product. */
  public Value record(Recording r, Value x, Value residual) {
    if (!dropout.applies(r)) {
      return linear.record(r, x, residual);
    }
    Value branch = linear.record(r, x);
    return r.scope(linear.name(), () -> dropout.join(r, branch, residual));
  }

  /** The same in double precision. */
  public Tensor reference(Reference r, Tensor x, Tensor residual) {
    Tensor branch = linear.reference(r, x);
    return r.scope(linear.name(), () -> r.tape().add(residual, dropout.reference(r, branch)));
  }
}
