package io.shardfire.worker.program;

import io.shardfire.kernels.ops.HalfPrecision;
import io.shardfire.kernels.ops.HalfPrecision.Format;
import io.shardfire.worker.program.ProgramBuilder.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Reads parameters that are kept in bf16, for operations that declare them as if they were not:
 * such as norms and biases. What declares a {@link HalvedParameter} reads the words by itself.
 *
 * <pre>
 *   stage    w = unpack(words of a parameter), then w read instead of the parameter
 * </pre>
 *
 * <p>Every stage has a w of its own for each parameter that it reads, from its first operation that
 * reads it to the last, so that no more of the model is unpacked at once than an operation needs or
 * a later one of the stage reads again.
 */
final class HalvedParameters {
  private final Map<Operand, Value> copies = new LinkedHashMap<>();

  private HalvedParameters() {}

  /** Changes the operations of the stages. */
  static void unpack(List<Part> parts) {
    for (Part part : parts) {
      List<Operation> changed = new HalvedParameters().unpacking(part.operations());
      part.operations().clear();
      part.operations().addAll(changed);
    }
  }

  private List<Operation> unpacking(List<Operation> operations) {
    List<Operation> changed = new ArrayList<>();
    UnaryOperator<Operand> copied =
        operand -> copies.containsKey(operand) ? copies.get(operand) : operand;
    for (Operation operation : operations) {
      for (Operand operand : operation.reads()) {
        if (operand instanceof Parameter parameter && !copies.containsKey(parameter)) {
          Value copy = copy(parameter);
          copies.put(parameter, copy);
          changed.add(unpack(new HalvedParameter(parameter), copy));
        }
      }
      changed.add(CopiedSpans.reading(operation, copied));
    }
    return changed;
  }

  private static Value copy(Parameter parameter) {
    List<Integer> shape = parameter.tensor().shape();
    int columns = shape.get(shape.size() - 1);
    int rows = Math.toIntExact(parameter.tensor().elements() / columns);
    return Value.transients(parameter.name() + " unpacked", rows, columns);
  }

  private static Operation unpack(HalvedParameter words, Value parameter) {
    return new Operation(
        parameter.name(),
        List.of(words),
        List.of(parameter),
        (recorder, spans) ->
            HalfPrecision.unpack(recorder, Format.BF16, spans.of(words), spans.of(parameter)));
  }
}
