package io.shardfire.worker.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeException;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.worker.random.CounterRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementTest {
  private static final Emission NOTHING = (recorder, spans) -> {};

  /** A program of one unit; every operation reads some earlier value and writes a new one. */
  private static final class Chain {
    final Recording r = new Recording(Pass.evaluation(1, 1), UnaryOperator.identity());
    final List<Value> values = new ArrayList<>();
    final List<int[]> reads = new ArrayList<>();

    /** {@code reads[i]} are the values that operation i reads; it writes value i. */
    Program build(int[] floats, int[][] reads, Value sink) {
      r.unit(
          "unit",
          () -> {
            r.parameter("weight", new Initial.Constant(0), false, 1);
            for (int i = 0; i < floats.length; i++) {
              Value value = r.value("value-" + i, 1, floats[i]);
              List<Operand> operands = new ArrayList<>();
              for (int read : reads[i]) {
                operands.add(values.get(read));
              }
              r.emit("operation-" + i, operands, List.of(value), NOTHING);
              values.add(value);
              this.reads.add(reads[i]);
            }
            r.emit(
                "end",
                List.copyOf(values.subList(floats.length - 1, floats.length)),
                List.of(sink),
                NOTHING);
            return null;
          });
      return r.finish();
    }
  }

  @Test
  void shouldLetValuesFollowEachOtherInOnePlace() {
    int[] floats = new int[50];
    int[][] reads = new int[50][];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = 1000;
      reads[i] = i == 0 ? new int[0] : new int[] {i - 1};
    }
    Value sink = Value.pinned("sink", 1, 16);
    Program program = new Chain().build(floats, reads, sink);
    Placement placement = Placement.of(PageSize.configured(), List.of(sink), List.of(program));
    // Two of 1000, the first rounded up to 1008, and the sink: the operation in between uses both.
    assertEquals(List.of(12 + 16 + 1008 + 1000), placement.pages().floats());
  }

  @ParameterizedTest
  @ValueSource(ints = {DeviceMemory.MAX_FLOATS, 1000, 320})
  void shouldNeverGiveTwoLivingValuesOnePlace(int pageFloats) {
    PageSize size = new PageSize(pageFloats);
    for (long seed = 0; seed < 60; seed++) {
      int count = 40;
      int[] floats = new int[count];
      int[][] reads = new int[count][];
      int[] last = new int[count];
      for (int i = 0; i < count; i++) {
        floats[i] = 1 + (int) (CounterRandom.uniform(seed, 3L * i) * 300);
        // Every value is read by the next operation at least, so that none is dropped.
        int other = i == 0 ? 0 : (int) (CounterRandom.uniform(seed, 3L * i + 1) * i);
        reads[i] = i == 0 ? new int[0] : new int[] {i - 1, other};
        last[i] = i + 1;
        for (int read : reads[i]) {
          last[read] = Math.max(last[read], i);
        }
      }
      Value sink = Value.pinned("sink", 1, 3);
      Chain chain = new Chain();
      Program program = chain.build(floats, reads, sink);
      Placement placement = Placement.of(size, List.of(sink), List.of(program));
      List<Integer> pages = placement.pages().floats();
      assertTrue(pages.stream().allMatch(page -> page <= pageFloats), pages.toString());
      assertEquals(pageFloats == DeviceMemory.MAX_FLOATS, pages.size() == 1, pages.toString());
      for (int a = 0; a < count; a++) {
        long start = placement.address(chain.values.get(a));
        assertEquals(0, start % 16);
        assertTrue(size.offset(start) + floats[a] <= pages.get(size.page(start)));
        for (int b = 0; b < a; b++) {
          if (last[b] >= a) {
            long other = placement.address(chain.values.get(b));
            assertTrue(
                start + floats[a] <= other || other + floats[b] <= start,
                "seed=" + seed + ", values=" + b + " and " + a);
          }
        }
      }
    }
  }

  @Test
  void shouldShareTheSpaceOfProgramsAndKeepWhatIsPinned() {
    Value sink = Value.pinned("sink", 1, 5);
    Chain first = new Chain();
    Program one = first.build(new int[] {100}, new int[][] {{}}, sink);
    Chain second = new Chain();
    Program two = second.build(new int[] {300}, new int[][] {{}}, sink);
    Placement placement = Placement.of(PageSize.configured(), List.of(sink), List.of(one, two));
    assertEquals(placement.address(first.values.get(0)), placement.address(second.values.get(0)));
    assertEquals(0, placement.address(sink));
    assertEquals(List.of(12 + 16 + 300), placement.pages().floats());
    Value stranger = Value.pinned("stranger", 1, 1);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> placement.address(stranger));
    assertEquals("The value has no place: value=stranger[1,1]", e.getMessage());
  }

  @Test
  void shouldUseAnotherPageForWhatNoArenaHoldsTogether() {
    Value sink = Value.pinned("sink", 1, 1);
    Program program =
        new Chain().build(new int[] {300_000_000, 300_000_000}, new int[][] {{}, {0}}, sink);
    Placement placement = Placement.of(PageSize.configured(), List.of(sink), List.of(program));
    assertEquals(List.of(300_000_028, 300_000_012), placement.pages().floats());
  }

  @Test
  void shouldRefuseAValueThatNoPageHolds() {
    Program program =
        new Chain().build(new int[] {540_000_000}, new int[][] {{}}, Value.pinned("sink", 1, 1));
    ComputeException e =
        assertThrows(
            ComputeException.class,
            () -> Placement.of(PageSize.configured(), List.of(), List.of(program)));
    assertTrue(e.getMessage().contains("block=unit value-0, floats=540000000"), e.getMessage());
  }
}
