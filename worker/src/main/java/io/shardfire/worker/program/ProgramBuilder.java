package io.shardfire.worker.program;

import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Collects operations by stage, drops those whose results nobody reads, and checks the rest. */
final class ProgramBuilder {
  private final Pass pass;
  private final List<String> units = new ArrayList<>();
  private final List<Part> parts = new ArrayList<>();

  ProgramBuilder(Pass pass) {
    this.pass = pass;
  }

  /** Of the operations of a stage. */
  enum Direction {
    FORWARD,
    BACKWARD
  }

  /** A stage in the making. */
  record Part(int unit, Direction direction, List<Operation> operations) {
    boolean isBackward() {
      return direction == Direction.BACKWARD;
    }

    String name(List<String> units) {
      return units.get(unit) + " " + direction.name().toLowerCase(Locale.ROOT);
    }
  }

  int unit(String name) {
    if (units.contains(name)) {
      throw new IllegalStateException("Two units have one name: unit=" + name);
    }
    units.add(name);
    return units.size() - 1;
  }

  String unitName(int unit) {
    return units.get(unit);
  }

  /** From now on operations belong to this stage. */
  void stage(int unit, Direction direction) {
    Part last = parts.isEmpty() ? null : parts.get(parts.size() - 1);
    if (last == null || last.unit() != unit || last.direction() != direction) {
      parts.add(new Part(unit, direction, new ArrayList<>()));
    }
  }

  void add(Operation operation) {
    if (parts.isEmpty()) {
      throw new IllegalStateException(
          "An operation belongs to a unit: operation=" + operation.name());
    }
    parts.get(parts.size() - 1).operations().add(operation);
  }

  Program build(List<Parameter> parameters) {
    dropUnread();
    if (pass.activations() == ActivationFormat.BF16) {
      HalvedActivations.keep(parts);
    }
    if (pass.parameters() == ParameterFormat.BF16) {
      HalvedParameters.unpack(parts);
    }
    requireWritten();
    Map<Integer, Integer> finishing = new HashMap<>();
    for (int part = 0; part < parts.size(); part++) {
      Set<Integer> written =
          units(parts.get(part), ParameterGradient.class, ParameterGradient::parameter);
      for (int unit : written) {
        finishing.put(unit, part);
      }
    }
    List<Stage> stages = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      int number = i;
      stages.add(
          new Stage(
              part.name(units),
              unitsRead(part),
              finishing.keySet().stream()
                  .filter(unit -> finishing.get(unit) == number)
                  .sorted()
                  .toList(),
              part.operations()));
    }
    return new Program(pass, unitSpecs(parameters), parameters, stages);
  }

  private List<UnitSpec> unitSpecs(List<Parameter> parameters) {
    List<UnitSpec> specs = new ArrayList<>();
    for (int unit = 0; unit < units.size(); unit++) {
      int number = unit;
      List<TensorSpec> tensors =
          parameters.stream()
              .filter(parameter -> parameter.unit() == number)
              .map(Parameter::tensor)
              .toList();
      if (tensors.isEmpty() && unit == units.size() - 1) {
        // A head may predict with the embedding's table alone: stages, but nothing to store.
        break;
      }
      // As they lie in memory, so that files hold them in that order too.
      UnitSpec declared = new UnitSpec(units.get(unit), tensors);
      specs.add(new UnitSpec(declared.name(), declared.decayedFirst()));
    }
    return specs;
  }

  private static List<Integer> unitsRead(Part part) {
    Set<Integer> read = units(part, Parameter.class, parameter -> parameter);
    read.addAll(units(part, HalvedParameter.class, HalvedParameter::parameter));
    return List.copyOf(read);
  }

  /** Units of the operands of a kind, ascending. */
  private static <T extends Operand> Set<Integer> units(
      Part part, Class<T> kind, Function<T, Parameter> parameter) {
    Set<Integer> found = new TreeSet<>();
    for (Operation operation : part.operations()) {
      for (List<Operand> operands : List.of(operation.reads(), operation.writes())) {
        for (Operand operand : operands) {
          if (kind.isInstance(operand)) {
            found.add(parameter.apply(kind.cast(operand)).unit());
          }
        }
      }
    }
    return found;
  }

  /** What recomputation makes anew is not always needed again, such as the result itself. */
  private void dropUnread() {
    Set<Storage> read = new HashSet<>();
    for (int part = parts.size() - 1; part >= 0; part--) {
      List<Operation> operations = parts.get(part).operations();
      for (int i = operations.size() - 1; i >= 0; i--) {
        Operation operation = operations.get(i);
        if (operation.writes().stream().anyMatch(operand -> isNeeded(operand, read))) {
          for (Operand operand : operation.reads()) {
            if (operand instanceof Value value) {
              read.add(value.storage());
            }
          }
        } else {
          operations.remove(i);
        }
      }
    }
  }

  private static boolean isNeeded(Operand operand, Set<Storage> read) {
    return !(operand instanceof Value value)
        || value.storage().pinned()
        || read.contains(value.storage());
  }

  private void requireWritten() {
    Set<Storage> written = new HashSet<>();
    for (Part part : parts) {
      for (Operation operation : part.operations()) {
        for (Operand operand : operation.reads()) {
          if (operand instanceof Value value
              && !value.storage().pinned()
              && !written.contains(value.storage())) {
            throw new IllegalStateException(
                "An operation reads what nothing has written: operation="
                    + operation.name()
                    + ", value="
                    + value);
          }
        }
        for (Operand operand : operation.writes()) {
          if (operand instanceof Value value) {
            written.add(value.storage());
          }
        }
      }
    }
  }
}
