package io.shardfire.worker.program;

import io.shardfire.kernels.ops.HalfPrecision;
import io.shardfire.kernels.ops.HalfPrecision.Format;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps activations in bf16 from the last operation of the forward pass that uses them to the
 * stages of the backward pass that read them.
 *
 * <pre>
 *   forward stage     x written and read, then words = pack(x)
 *   stages between    words
 *   backward stage    y = unpack(words), then y read instead of x
 * </pre>
 *
 * <p>The forward pass computes the bits that it computes without. Every backward stage that reads x
 * has a y of its own, from its first operation that reads x to the last. What is left in fp32:
 * storage that is {@linkplain Storage.Kind#EXACT exact}, what the backward pass writes to, and what
 * its first stage reads, which is the head's: it would be unpacked at once, and losses are computed
 * there.
 */
final class HalvedActivations {
  private final List<ProgramBuilder.Part> parts;
  private final Map<Storage, Uses> uses = new LinkedHashMap<>();
  private final Map<Storage, Value> words = new LinkedHashMap<>();

  private HalvedActivations(List<ProgramBuilder.Part> parts) {
    this.parts = parts;
  }

  /** Changes the operations of the stages. */
  static void keep(List<ProgramBuilder.Part> parts) {
    HalvedActivations halved = new HalvedActivations(parts);
    halved.collect();
    for (int part = 0; part < parts.size(); part++) {
      List<Operation> changed =
          parts.get(part).isBackward() ? halved.unpacking(part) : halved.packing(part);
      List<Operation> operations = parts.get(part).operations();
      operations.clear();
      operations.addAll(changed);
    }
  }

  /** An operation of a part. */
  private record Position(int part, int index) {}

  /** Which operations use a storage: the last of the forward pass, and those of the backward. */
  private static final class Uses {
    private Position lastForward;
    private Position firstBackward;
    private boolean overwritten;
  }

  private void collect() {
    for (int part = 0; part < parts.size(); part++) {
      List<Operation> operations = parts.get(part).operations();
      for (int index = 0; index < operations.size(); index++) {
        Position position = new Position(part, index);
        for (Storage storage : storages(operations.get(index).reads())) {
          use(storage, position);
        }
        for (Storage storage : storages(operations.get(index).writes())) {
          use(storage, position).overwritten |= parts.get(part).isBackward();
        }
      }
    }
    uses.values().removeIf(use -> !waits(use));
    // Placement refuses what no page holds, and says so.
    uses.keySet().removeIf(storage -> storage.floats() > Integer.MAX_VALUE);
    for (Storage storage : uses.keySet()) {
      int floats = HalfPrecision.words(Math.toIntExact(storage.floats()));
      words.put(storage, Value.transients(storage.name() + " in bf16", 1, floats));
    }
  }

  private boolean waits(Uses use) {
    return use.lastForward != null
        && use.firstBackward != null
        && !use.overwritten
        && parts.get(use.firstBackward.part() - 1).isBackward();
  }

  private Uses use(Storage storage, Position position) {
    Uses use = uses.computeIfAbsent(storage, unused -> new Uses());
    if (parts.get(position.part()).isBackward()) {
      use.firstBackward = use.firstBackward == null ? position : use.firstBackward;
    } else {
      use.lastForward = position;
    }
    return use;
  }

  /** Of the activations among operands. */
  private static List<Storage> storages(List<Operand> operands) {
    List<Storage> found = new ArrayList<>();
    for (Operand operand : operands) {
      if (operand instanceof Value value && value.storage().kind() == Storage.Kind.ACTIVATION) {
        found.add(value.storage());
      }
    }
    return found;
  }

  private List<Operation> packing(int part) {
    List<Operation> operations = parts.get(part).operations();
    List<Operation> changed = new ArrayList<>();
    for (int index = 0; index < operations.size(); index++) {
      Position position = new Position(part, index);
      changed.add(operations.get(index));
      uses.forEach(
          (storage, use) -> {
            if (use.lastForward.equals(position)) {
              changed.add(pack(Value.whole(storage), words.get(storage)));
            }
          });
    }
    return changed;
  }

  private static Operation pack(Value x, Value words) {
    return new Operation(
        x.name() + " packed",
        List.of(x),
        List.of(words),
        (recorder, spans) ->
            HalfPrecision.pack(recorder, Format.BF16, spans.of(x), spans.of(words)));
  }

  private List<Operation> unpacking(int part) {
    List<Operation> changed = new ArrayList<>();
    Map<Storage, Storage> copies = new LinkedHashMap<>();
    for (Operation operation : parts.get(part).operations()) {
      for (Storage storage : storages(operation.reads())) {
        if (words.containsKey(storage) && !copies.containsKey(storage)) {
          Storage copy =
              new Storage(storage.name() + " unpacked", storage.floats(), Storage.Kind.EXACT);
          copies.put(storage, copy);
          changed.add(unpack(words.get(storage), Value.whole(copy)));
        }
      }
      changed.add(CopiedSpans.reading(operation, operand -> copied(operand, copies)));
    }
    return changed;
  }

  private static Operation unpack(Value words, Value x) {
    return new Operation(
        x.name(),
        List.of(words),
        List.of(x),
        (recorder, spans) ->
            HalfPrecision.unpack(recorder, Format.BF16, spans.of(words), spans.of(x)));
  }

  private static Operand copied(Operand operand, Map<Storage, Storage> copies) {
    if (!(operand instanceof Value value)) {
      return operand;
    }
    Storage copy = copies.get(value.storage());
    return copy == null ? value : value.in(copy);
  }
}
