package io.shardfire.worker.program;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.worker.program.Operation.Occasion;
import io.shardfire.worker.program.ProgramBuilder.Direction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * A program in the making: what the modules of a model talk to while they run with symbolic values.
 *
 * <pre>
 * forward    module by module: parameters, values, operations; each leaves its backward entry
 * finish     the entries, the newest first: each asks for the gradient of what its module made,
 *            and contributes to the gradients of what the module read
 * </pre>
 *
 * <p>Confined to one thread.
 */
public final class Recording {
  private final Pass pass;
  private final UnaryOperator<String> published;
  private final LastingValues lasting;
  private final Scope scope = new Scope();
  private final ProgramBuilder program;
  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final Map<String, Value> prepared = new HashMap<>();
  private final Map<String, Integer> dropoutSites = new HashMap<>();
  private final Set<Parameter> differentiated = new LinkedHashSet<>();
  private final Gradients gradients = new Gradients(this);
  private final Deque<Entry> entries = new ArrayDeque<>();
  private boolean discardsBackward;
  private int unit = -1;

  /** What a module left to do for the backward pass, and where it was. */
  private record Entry(int unit, String path, Runnable recording) {}

  /**
   * An empty recording.
   *
   * @param published the name under which checkpoints know the parameter at a path, such as {@code
   *     block-3.attention.input.weight}
   */
  public Recording(Pass pass, UnaryOperator<String> published) {
    this(pass, published, new LastingValues());
  }

  /** As above, with values that other programs share. */
  public Recording(Pass pass, UnaryOperator<String> published, LastingValues lasting) {
    this.pass = pass;
    this.published = published;
    this.lasting = lasting;
    this.program = new ProgramBuilder(pass);
  }

  /** What is recorded for. */
  public Pass pass() {
    return pass;
  }

  /** Runs {@code body} below a name, which paths of parameters and names of values then carry. */
  public <T> T scope(String name, Supplier<T> body) {
    return scope.below(name, body);
  }

  /**
   * Runs {@code body} as a unit: what it declares is gathered, reduced and stored together, and
   * what it emits makes stages of their own.
   */
  public <T> T unit(String name, Supplier<T> body) {
    if (unit >= 0) {
      throw new IllegalStateException(
          "Units do not nest: unit=" + name + ", within=" + program.unitName(unit));
    }
    unit = program.unit(name);
    program.stage(unit, Direction.FORWARD);
    try {
      return scope.below(name, body);
    } finally {
      unit = -1;
    }
  }

  /**
   * The parameter of a name in this scope; declared at the first call, the same one later.
   *
   * @param decayed whether weight decay applies
   */
  public Parameter parameter(String name, Initial initial, boolean decayed, Integer... shape) {
    String path = scope.path(name);
    TensorSpec tensor = new TensorSpec(published.apply(path), List.of(shape), decayed);
    Parameter parameter =
        parameters.computeIfAbsent(path, unused -> new Parameter(tensor, initial, unit));
    if (!parameter.tensor().equals(tensor)) {
      throw new IllegalStateException(
          "Two modules want one name: parameter="
              + path
              + ", first="
              + parameter.tensor()
              + ", second="
              + tensor);
    }
    return parameter;
  }

  /**
   * A transient value that a layer makes of those before it: what the backward pass reads of it may
   * be rounded, as {@link Pass#activations} says.
   */
  public Value activation(String name, int rows, int columns) {
    return Value.activation(nameOf(name), rows, columns);
  }

  /** A transient value of M rows that nothing rounds. */
  public Value rows(String name, int columns) {
    return value(name, pass.rows(), columns);
  }

  /** A transient value that nothing rounds, such as statistics of rows or scratch space. */
  public Value value(String name, int rows, int columns) {
    return Value.transients(nameOf(name), rows, columns);
  }

  private String nameOf(String value) {
    return scope.path(value).replace('.', ' ');
  }

  /** A value that lasts from one run to the next. */
  public Value state(String name, int rows, int columns) {
    return lasting.at(scope.path(name), rows, columns);
  }

  /** The number of a place where dropout applies: they are counted as they are first met. */
  public int dropoutSite(String name) {
    return dropoutSites.computeIfAbsent(scope.path(name), path -> dropoutSites.size());
  }

  /** Appends an operation; it must use no operands but those it names. */
  public void emit(String name, List<Operand> reads, List<Operand> writes, Emission emission) {
    program.add(new Operation(name, reads, writes, emission));
  }

  /**
   * A value that an operation makes of a parameter, which is run only where the parameter has
   * changed since; made at the first call, the same one later.
   *
   * @param form what is made of it
   * @param operation records the commands that make it, of where the parameter lies and where the
   *     value does
   */
  public Value prepared(Parameter parameter, String form, int floats, Preparation operation) {
    return prepared.computeIfAbsent(
        parameter.name() + " " + form,
        name -> {
          Value value = Value.pinned(name, 1, floats);
          program.add(
              new Operation(
                  name,
                  List.of(parameter),
                  List.of(value),
                  (recorder, spans) ->
                      operation.record(recorder, spans.of(parameter), spans.of(value)),
                  Occasion.NEW_PARAMETERS));
          return value;
        });
  }

  /** Records the commands that make something of a parameter. */
  @FunctionalInterface
  public interface Preparation {
    /** Called for every command buffer that the operation is part of. */
    void record(CommandRecorder recorder, Span parameter, Span value);
  }

  /** Leaves what is to be recorded for the backward pass; ignored where there is none. */
  public void backward(Runnable recording) {
    if (pass.trains() && !discardsBackward) {
      entries.push(new Entry(unit, scope.path(), recording));
    }
  }

  /** The gradient of a value, when all that read it have contributed. */
  public Value gradient(Value value) {
    return gradients.of(value);
  }

  /** Where an operation that can add puts its part of a value's gradient. */
  public Contribution contribution(Value value) {
    return gradients.contribution(value);
  }

  /** A part of a value's gradient by an operation that can only overwrite its target. */
  public void overwriting(Value value, Consumer<Value> operation) {
    gradients.overwriting(value, operation);
  }

  /** An operation turns the gradient of {@code from}, in place, into a part of {@code to}'s. */
  public void inPlace(Value from, Value to, Consumer<Value> operation) {
    gradients.inPlace(from, to, operation);
  }

  /** The gradient of {@code from} is, as it is, a part of {@code to}'s. */
  public void pass(Value from, Value to) {
    gradients.pass(from, to);
  }

  /** An operation's part of a parameter's gradient. */
  public ParameterGradient gradient(Parameter parameter) {
    return new ParameterGradient(parameter, differentiated.add(parameter));
  }

  /**
   * Runs {@code body} so that nothing it makes but its result is kept for the backward pass, which
   * computes it once more (Chen et al., 2016). The bits are those of running it plainly.
   */
  public Value recompute(Value x, UnaryOperator<Value> body) {
    if (!pass.trains() || discardsBackward) {
      return body.apply(x);
    }
    discardsBackward = true;
    Value y;
    try {
      y = body.apply(x);
    } finally {
      discardsBackward = false;
    }
    backward(() -> gradients.pass(y, body.apply(x)));
    return y;
  }

  /** Records the backward pass and ends. */
  public Program finish() {
    while (!entries.isEmpty()) {
      Entry entry = entries.pop();
      unit = entry.unit();
      program.stage(unit, Direction.BACKWARD);
      scope.at(
          entry.path(),
          () -> {
            entry.recording().run();
            return null;
          });
    }
    return program.build(new ArrayList<>(parameters.values()));
  }
}
