package io.shardfire.worker.program;

import io.shardfire.kernels.device.PageAllocator;
import io.shardfire.kernels.device.Pages;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.QuantizedMatrix;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where levels and scales of the quantised parameters of programs lie in pages. Pure arithmetic,
 * immutable.
 */
public final class QuantizedPlacement {
  private final Map<String, QuantizedParameter> parameters = new LinkedHashMap<>();

  /** Addresses of levels and of scales, in the order of the parameters. */
  private final List<Long> words = new ArrayList<>();

  private final List<Long> scales = new ArrayList<>();

  private QuantizedPlacement() {}

  /**
   * Places what programs read.
   *
   * @throws io.shardfire.kernels.device.ComputeException when a page cannot hold a matrix
   */
  public static QuantizedPlacement of(PageAllocator allocator, List<Program> programs) {
    QuantizedPlacement placement = new QuantizedPlacement();
    for (Program program : programs) {
      for (Operation operation : program.operations()) {
        operation.reads().stream()
            .filter(QuantizedParameter.class::isInstance)
            .map(QuantizedParameter.class::cast)
            .forEach(parameter -> placement.add(allocator, parameter));
      }
    }
    return placement;
  }

  private void add(PageAllocator allocator, QuantizedParameter parameter) {
    QuantizedParameter known = parameters.putIfAbsent(parameter.name(), parameter);
    if (known == null) {
      int outputs = parameter.outputs();
      int inputs = parameter.inputs();
      words.add(allocator.allocate(parameter.name(), parameter.format().words(outputs, inputs)));
      scales.add(allocator.allocate(parameter.name(), parameter.format().scales(outputs, inputs)));
    } else if (!known.equals(parameter)) {
      throw new IllegalStateException(
          "A matrix is quantised in two ways: first=" + known + ", second=" + parameter);
    }
  }

  /** The quantised parameter of a tensor's name; null where it stays as it was trained. */
  public QuantizedParameter of(String tensor) {
    return parameters.get(tensor);
  }

  /** Bytes in which a tensor is stored. */
  public long bytes(TensorSpec tensor) {
    QuantizedParameter parameter = parameters.get(tensor.name());
    return parameter == null ? Float.BYTES * tensor.elements() : parameter.bytes();
  }

  /** The layout of what stays as it was trained; of a unit that has nothing left there is none. */
  public ShardLayout others(List<UnitSpec> units) {
    List<UnitSpec> left = new ArrayList<>();
    for (UnitSpec unit : units) {
      List<TensorSpec> tensors =
          unit.tensors().stream().filter(tensor -> of(tensor.name()) == null).toList();
      if (!tensors.isEmpty()) {
        left.add(new UnitSpec(unit.name(), tensors));
      }
    }
    return ShardLayout.of(left, 1);
  }

  /** The places in allocated pages, by the names of the tensors. */
  public Map<String, QuantizedMatrix> in(Pages pages) {
    Map<String, QuantizedMatrix> matrices = new LinkedHashMap<>();
    for (QuantizedParameter parameter : parameters.values()) {
      int number = matrices.size();
      int outputs = parameter.outputs();
      int inputs = parameter.inputs();
      Span levels = pages.span(words.get(number), (int) parameter.format().words(outputs, inputs));
      Span scale = pages.span(scales.get(number), (int) parameter.format().scales(outputs, inputs));
      matrices.put(
          parameter.name(),
          new QuantizedMatrix(parameter.format(), outputs, inputs, levels, scale));
    }
    return matrices;
  }
}
