package io.shardfire.worker.inspect;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.PagePlan;
import io.shardfire.kernels.device.Pages;
import io.shardfire.worker.generate.ModelWeights;
import io.shardfire.worker.generate.StoredWeights;
import io.shardfire.worker.program.ProgramRecorder;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory that models use one after another, as large as the largest needs: what a device has seen
 * once is never given back. Confined to one thread.
 */
record ModelMemory(DeviceMemory device, Pages parameters, Pages activations) {

  static ModelMemory allocate(ComputeContext compute, List<ModelPlan> plans) {
    DeviceMemory device = compute.newMemory();
    return new ModelMemory(
        device,
        device.allocate(
            "parameters", largest(plans.stream().map(plan -> plan.weights().pages()).toList())),
        device.allocate(
            "activations", largest(plans.stream().map(plan -> plan.placement().pages()).toList())));
  }

  /** Pages that hold any of these. */
  private static PagePlan largest(List<PagePlan> plans) {
    List<Integer> floats = new ArrayList<>();
    for (PagePlan plan : plans) {
      for (int page = 0; page < plan.floats().size(); page++) {
        if (page == floats.size()) {
          floats.add(0);
        }
        floats.set(page, Math.max(floats.get(page), plan.floats().get(page)));
      }
    }
    return new PagePlan(plans.get(0).size(), floats);
  }

  /** Reads the weights of a model over those of the one before, and fills its tables. */
  ProgramRecorder load(ModelPlan plan, ModelWeights weights) {
    StoredWeights stored = plan.weights().in(parameters);
    stored.read(weights::read);
    ProgramRecorder recorder = stored.recorder(device, plan.placement(), activations);
    for (PlannedPass pass : plan.passes()) {
      pass.modules()
          .constants()
          .forEach(table -> table.content().accept(recorder.span(table.value())));
    }
    return recorder;
  }
}
