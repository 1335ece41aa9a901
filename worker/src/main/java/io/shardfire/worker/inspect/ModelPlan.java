package io.shardfire.worker.inspect;

import io.shardfire.kernels.device.PageSize;
import io.shardfire.worker.generate.WeightPlan;
import io.shardfire.worker.program.Placement;
import io.shardfire.worker.program.Program;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Where the parameters of a model lie, and the values of its passes. Plain arithmetic.
 *
 * @param placement of the values of all passes
 * @param passes of one model; never run at the same time, so that they share space
 */
record ModelPlan(WeightPlan weights, Placement placement, List<PlannedPass> passes) {
  /** Tokens of a pass, where memory allows; more do not make it faster. */
  private static final int PASS_TOKENS = 1 << 12;

  /** Copies. */
  ModelPlan {
    passes = List.copyOf(passes);
  }

  /**
   * A plan with passes of as many tokens as fit into half of the heap that the parameters leave.
   *
   * @param planned the plan for passes of about so many tokens
   */
  static ModelPlan fitting(IntFunction<ModelPlan> planned) {
    int tokens = PASS_TOKENS;
    ModelPlan plan = planned.apply(tokens);
    long free = Runtime.getRuntime().maxMemory() - Float.BYTES * plan.weights().pages().total();
    while (tokens > 1 && Float.BYTES * plan.placement().pages().total() > free / 2) {
      tokens /= 2;
      plan = planned.apply(tokens);
    }
    return plan;
  }

  /**
   * Places passes of one model.
   *
   * @throws io.shardfire.kernels.device.ComputeException when a page cannot hold a unit or a value
   */
  static ModelPlan of(List<PlannedPass> passes) {
    PageSize size = PageSize.configured();
    List<Program> programs = passes.stream().map(PlannedPass::program).toList();
    return new ModelPlan(
        WeightPlan.of(size, programs.get(0).units(), programs),
        Placement.of(size, List.of(), programs),
        passes);
  }
}
