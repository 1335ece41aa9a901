package io.shardfire.worker.program;

import io.shardfire.kernels.ops.Elementwise;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The gradients of values while a backward pass is recorded. A value that several operations read
 * gets a contribution from each; whoever produced it asks for the sum when all of them have been
 * recorded.
 *
 * <p>Values may share the memory of their gradients: the gradient of a sum is also that of its
 * terms. Writing to one then takes the other's away, and asking for that is an error here, at
 * recording, instead of a wrong number later.
 */
final class Gradients {
  private final Recording recording;
  private final Map<Storage, Held> held = new HashMap<>();

  Gradients(Recording recording) {
    this.recording = recording;
  }

  /** Memory of a gradient, and how often it has been written to. */
  private static final class Memory {
    private final Value value;
    private int writes;

    Memory(Value value) {
      this.value = value;
    }
  }

  /** A value's gradient: what the memory held after some number of writes. */
  private record Held(Memory memory, int writes) {
    boolean overwritten() {
      return memory.writes != writes;
    }
  }

  /** The gradient of a value. */
  Value of(Value value) {
    return valid(value).memory().value;
  }

  boolean has(Value value) {
    return held.containsKey(value.storage());
  }

  private Held valid(Value value) {
    Held gradient = held.get(value.storage());
    if (gradient == null) {
      throw new IllegalStateException("No operation has a gradient for this value: value=" + value);
    }
    if (gradient.overwritten()) {
      throw new IllegalStateException(
          "The gradient of this value has become another's; ask for it earlier: value="
              + value
              + ", memory="
              + gradient.memory().value);
    }
    return gradient;
  }

  private Value fresh(Value value) {
    return Value.transients(value.name() + " gradient", value.rows(), value.columns());
  }

  private void hold(Value value, Memory memory) {
    held.put(value.storage(), new Held(memory, memory.writes));
  }

  /** Where an operation that can add puts its part. */
  Contribution contribution(Value value) {
    if (!has(value)) {
      Memory memory = new Memory(fresh(value));
      hold(value, memory);
      return new Contribution(memory.value, false);
    }
    Memory memory = valid(value).memory();
    memory.writes++;
    hold(value, memory);
    return new Contribution(memory.value, true);
  }

  /** A part by an operation that can only overwrite. */
  void overwriting(Value value, Consumer<Value> operation) {
    if (!has(value)) {
      operation.accept(contribution(value).target());
      return;
    }
    Value part = fresh(value);
    operation.accept(part);
    add(value, part);
  }

  /** An operation turns the gradient of {@code from} into a part of that of {@code to}. */
  void inPlace(Value from, Value to, Consumer<Value> operation) {
    Memory memory = valid(from).memory();
    operation.accept(memory.value);
    memory.writes++;
    if (from.storage() == to.storage() || !has(to)) {
      hold(to, memory);
    } else {
      add(to, memory.value);
    }
  }

  /** The gradient of {@code from} is also a part of that of {@code to}. */
  void pass(Value from, Value to) {
    Memory memory = valid(from).memory();
    if (has(to)) {
      add(to, memory.value);
    } else {
      hold(to, memory);
    }
  }

  private void add(Value value, Value part) {
    Value sum = contribution(value).target();
    recording.emit(
        value.name() + " gradient sum",
        List.of(sum, part),
        List.of(sum),
        (recorder, spans) ->
            Elementwise.add(recorder, spans.of(sum), spans.of(part), spans.of(sum)));
  }
}
