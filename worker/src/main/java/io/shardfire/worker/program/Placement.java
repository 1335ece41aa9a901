package io.shardfire.worker.program;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.kernels.device.Span;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the values of programs lie in one arena. Pure arithmetic, the same for planning and for
 * allocating.
 *
 * <pre>
 * | pinned | pinned | ... | transient values of program 1, over each other in time |
 *                         | transient values of program 2 ...              |
 * </pre>
 *
 * <p>A transient value takes its place from the first operation that uses it to the last; others
 * have it before and after. Programs never run at the same time, so they share the space. The
 * largest values are placed first, each as low as the others leave room.
 */
public final class Placement {
  /** Places keep the alignment that {@link OffsetAllocator} begins with. */
  private static final int ALIGNMENT = 16;

  private final Map<Storage, Long> offsets = new HashMap<>();

  private Placement() {}

  /**
   * Places what is pinned, then what is transient, behind what the allocator has handed out.
   *
   * @param pinned values that have their places in any case, first
   * @throws io.shardfire.kernels.device.ComputeException when an arena cannot hold them
   */
  public static Placement of(
      OffsetAllocator allocator, List<Value> pinned, List<Program> programs) {
    Placement placement = new Placement();
    pinned.forEach(value -> placement.pin(allocator, value.storage()));
    List<Map<Storage, Lifetime>> lifetimes = new ArrayList<>();
    for (Program program : programs) {
      Map<Storage, Lifetime> transients = new LinkedHashMap<>();
      for (Map.Entry<Storage, Lifetime> entry : lifetimes(program).entrySet()) {
        if (entry.getKey().pinned()) {
          placement.pin(allocator, entry.getKey());
        } else {
          transients.put(entry.getKey(), entry.getValue());
        }
      }
      lifetimes.add(transients);
    }
    List<Map<Storage, Long>> places = lifetimes.stream().map(Placement::stack).toList();
    long floats = 0;
    for (Map<Storage, Long> program : places) {
      for (Map.Entry<Storage, Long> place : program.entrySet()) {
        floats = Math.max(floats, place.getValue() + padded(place.getKey()));
      }
    }
    long base = allocator.allocate("activations", floats);
    places.forEach(
        program ->
            program.forEach((storage, offset) -> placement.offsets.put(storage, base + offset)));
    return placement;
  }

  /** Indices of the first and the last operation that use a storage. */
  private record Lifetime(Storage storage, int first, int last) {
    boolean meets(Lifetime other) {
      return first <= other.last && other.first <= last;
    }
  }

  private record Placed(Lifetime lifetime, long offset) {
    long end() {
      return offset + padded(lifetime.storage());
    }
  }

  private void pin(OffsetAllocator allocator, Storage storage) {
    if (!offsets.containsKey(storage)) {
      offsets.put(storage, (long) allocator.allocate(storage.name(), storage.floats()));
    }
  }

  /** In the order of first use. Storages are compared by identity, as their class leaves it. */
  private static Map<Storage, Lifetime> lifetimes(Program program) {
    Map<Storage, Lifetime> lifetimes = new LinkedHashMap<>();
    List<Operation> operations = program.operations();
    for (int i = 0; i < operations.size(); i++) {
      for (List<Operand> operands :
          List.of(operations.get(i).reads(), operations.get(i).writes())) {
        for (Operand operand : operands) {
          if (operand instanceof Value value) {
            Lifetime now = new Lifetime(value.storage(), i, i);
            lifetimes.merge(
                value.storage(),
                now,
                (earlier, unused) -> new Lifetime(now.storage(), earlier.first(), now.last()));
          }
        }
      }
    }
    return lifetimes;
  }

  private static Map<Storage, Long> stack(Map<Storage, Lifetime> lifetimes) {
    List<Lifetime> largestFirst = new ArrayList<>(lifetimes.values());
    largestFirst.sort(
        Comparator.comparingLong((Lifetime lifetime) -> lifetime.storage().floats())
            .reversed()
            .thenComparingInt(Lifetime::first));
    List<Placed> placed = new ArrayList<>();
    Map<Storage, Long> offsets = new LinkedHashMap<>();
    for (Lifetime lifetime : largestFirst) {
      long offset = 0;
      // By offset, so that the first gap that is wide enough is the lowest.
      for (Placed other : placed) {
        if (!other.lifetime().meets(lifetime)) {
          continue;
        }
        if (other.offset() - offset >= padded(lifetime.storage())) {
          break;
        }
        offset = Math.max(offset, other.end());
      }
      Placed found = new Placed(lifetime, offset);
      int at = 0;
      while (at < placed.size() && placed.get(at).offset() <= offset) {
        at++;
      }
      placed.add(at, found);
      offsets.put(lifetime.storage(), offset);
    }
    return offsets;
  }

  private static long padded(Storage storage) {
    return (storage.floats() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /**
   * The value's place in the arena that this placement was made for.
   *
   * @throws IllegalArgumentException for a value of none of the programs
   */
  public Span span(Value value, Arena arena) {
    return arena.span(Math.toIntExact(offset(value)), Math.toIntExact(value.floats()));
  }

  long offset(Value value) {
    Long offset = offsets.get(value.storage());
    if (offset == null) {
      throw new IllegalArgumentException("The value has no place: value=" + value);
    }
    return offset + value.offset();
  }
}
