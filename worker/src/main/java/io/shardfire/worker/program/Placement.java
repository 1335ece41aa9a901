package io.shardfire.worker.program;

import io.shardfire.kernels.device.PageAllocator;
import io.shardfire.kernels.device.PagePlan;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.kernels.device.Pages;
import io.shardfire.kernels.device.Span;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the values of programs lie in pages, each whole in one. Pure arithmetic, the same for
 * planning and for allocating.
 *
 * <pre>
 * | pinned | pinned | ... | transient values of program 1, over each other in time |
 *                         | transient values of program 2 ...              |
 * </pre>
 *
 * <p>A transient value takes its place from the first operation that uses it to the last; others
 * have it before and after. Programs never run at the same time, so they share the space. The
 * largest values are placed first, each as low as the others and the ends of pages leave room.
 */
public final class Placement {
  private final Map<Storage, Long> addresses = new HashMap<>();
  private final PageSize size;
  private final PageAllocator allocator;

  private Placement(PageSize size) {
    this.size = size;
    this.allocator = new PageAllocator(size);
  }

  /**
   * Places what is pinned, then what is transient.
   *
   * @param pinned values that have their places in any case, first
   * @throws io.shardfire.kernels.device.ComputeException when a page cannot hold one of them
   */
  public static Placement of(PageSize size, List<Value> pinned, List<Program> programs) {
    Placement placement = new Placement(size);
    pinned.forEach(value -> placement.pin(value.storage()));
    List<Map<Storage, Lifetime>> lifetimes = new ArrayList<>();
    for (Program program : programs) {
      Map<Storage, Lifetime> transients = new LinkedHashMap<>();
      for (Map.Entry<Storage, Lifetime> entry : lifetimes(program).entrySet()) {
        if (entry.getKey().pinned()) {
          placement.pin(entry.getKey());
        } else {
          transients.put(entry.getKey(), entry.getValue());
        }
      }
      lifetimes.add(transients);
    }
    long base = placement.allocator.end();
    lifetimes.forEach(transients -> placement.stack(transients, base));
    return placement;
  }

  /** The pages that hold all values. */
  public PagePlan pages() {
    return allocator.plan();
  }

  /** Indices of the first and the last operation that use a storage. */
  private record Lifetime(Storage storage, int first, int last) {
    boolean meets(Lifetime other) {
      return first <= other.last && other.first <= last;
    }
  }

  private record Placed(Lifetime lifetime, long address) {
    long end() {
      return address + PageSize.aligned(lifetime.storage().floats());
    }
  }

  private void pin(Storage storage) {
    if (!addresses.containsKey(storage)) {
      addresses.put(storage, allocator.allocate(storage.name(), storage.floats()));
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

  /** Places a program's transient values from an address on. */
  private void stack(Map<Storage, Lifetime> lifetimes, long base) {
    List<Lifetime> largestFirst = new ArrayList<>(lifetimes.values());
    largestFirst.sort(
        Comparator.comparingLong((Lifetime lifetime) -> lifetime.storage().floats())
            .reversed()
            .thenComparingInt(Lifetime::first));
    List<Placed> placed = new ArrayList<>();
    for (Lifetime lifetime : largestFirst) {
      Storage storage = lifetime.storage();
      Placed found = new Placed(lifetime, lowest(lifetime, base, placed));
      int at = 0;
      while (at < placed.size() && placed.get(at).address() <= found.address()) {
        at++;
      }
      placed.add(at, found);
      addresses.put(storage, found.address());
      allocator.reserve(found.address(), storage.floats());
    }
  }

  /** The lowest address from {@code base} on that no other value has during the lifetime. */
  private long lowest(Lifetime lifetime, long base, List<Placed> placed) {
    Storage storage = lifetime.storage();
    long address = size.fit(storage.name(), base, storage.floats());
    // By address, so that the first gap that is wide enough is the lowest.
    for (Placed other : placed) {
      if (other.lifetime().meets(lifetime)) {
        if (other.address() - address >= PageSize.aligned(storage.floats())) {
          break;
        }
        address = Math.max(address, size.fit(storage.name(), other.end(), storage.floats()));
      }
    }
    return address;
  }

  /**
   * The value's place in pages that were allocated as {@link #pages} says.
   *
   * @throws IllegalArgumentException for a value of none of the programs
   */
  public Span span(Value value, Pages pages) {
    return pages.span(address(value), Math.toIntExact(value.floats()));
  }

  long address(Value value) {
    Long address = addresses.get(value.storage());
    if (address == null) {
      throw new IllegalArgumentException("The value has no place: value=" + value);
    }
    return address + value.offset();
  }
}
