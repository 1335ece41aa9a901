package io.shardfire.worker.generate;

import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.Pages;
import io.shardfire.kernels.ops.QuantizedMatrix;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitRange;
import io.shardfire.worker.program.Placement;
import io.shardfire.worker.program.ProgramRecorder;
import io.shardfire.worker.program.QuantizedParameter;
import io.shardfire.worker.program.UnitSpans;
import java.util.List;
import java.util.Map;

/**
 * Weights in device memory, as a plan says. What is quantised is read into an array of the size of
 * the largest such tensor, so that no copy of the model in fp32 is anywhere. Confined to one
 * thread.
 *
 * @param units of what stays as it was trained
 * @param matrices by the names of their tensors
 */
public record StoredWeights(
    WeightPlan plan, UnitSpans units, Map<String, QuantizedMatrix> matrices) {
  /** Copies. */
  public StoredWeights {
    matrices = Map.copyOf(matrices);
  }

  /**
   * Reads all weights and shows them to the device; not before all arenas are there.
   *
   * @throws IllegalArgumentException when a weight to be quantised is not finite, naming its tensor
   */
  public void read(WeightSource source) {
    source.read(ShardLayout.of(plan.model(), 1), new Filling());
    units.upload();
    matrices.values().forEach(QuantizedMatrix::upload);
  }

  /** A recorder of the programs that the weights were planned for. */
  public ProgramRecorder recorder(DeviceMemory memory, Placement placement, Pages activations) {
    return new ProgramRecorder(
        memory, plan.layout(), units, null, placement, activations, matrices);
  }

  /** Takes tensors as they come. */
  private final class Filling implements WeightSource.Target {
    private final List<FloatRange> onHost = units.onHost();
    private final float[] trained =
        new float
            [plan.tensors()
                .filter(tensor -> matrices.containsKey(tensor.name()))
                .mapToInt(tensor -> Math.toIntExact(tensor.elements()))
                .max()
                .orElse(0)];

    @Override
    public FloatRange place(TensorSpec tensor) {
      if (matrices.containsKey(tensor.name())) {
        return new FloatRange(trained, 0, Math.toIntExact(tensor.elements()));
      }
      UnitRange range = plan.layout().tensor(tensor.name());
      return onHost.get(range.unit()).slice(range.offset(), range.length());
    }

    @Override
    public void written(TensorSpec tensor, FloatRange values) {
      QuantizedParameter parameter = plan.quantized().of(tensor.name());
      if (parameter == null) {
        return;
      }
      try {
        parameter.quantizer().quantize(parameter.weights(values), matrices.get(tensor.name()));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(e.getMessage() + ", tensor=" + tensor.name(), e);
      }
    }
  }
}
