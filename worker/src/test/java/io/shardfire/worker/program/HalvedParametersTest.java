package io.shardfire.worker.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.PageAllocator;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Elementwise;
import io.shardfire.kernels.ops.HalfPrecision;
import io.shardfire.kernels.ops.HalfPrecision.Format;
import io.shardfire.kernels.reference.Bf16ProductOrder;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.UnitRange;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Where parameters in bf16 are unpacked, and what operations find of them. */
class HalvedParametersTest {
  private static final int ROWS = 3;
  private static final int COLUMNS = 5;

  private final Value first = Value.pinned("first", ROWS, COLUMNS);
  private final Value second = Value.pinned("second", 1, 2 * COLUMNS);

  /** The table is read in both units, the bias in the last only. */
  private Program program(ParameterFormat format) {
    Recording r =
        new Recording(Pass.training(1, ROWS, 1).withParameters(format), UnaryOperator.identity());
    List<Parameter> declared = new ArrayList<>();
    r.unit(
        "a",
        () -> {
          declared.add(r.parameter("table", new Initial.Constant(0), true, ROWS, COLUMNS));
          declared.add(r.parameter("bias", new Initial.Constant(0), false, 2 * COLUMNS));
          copy(r, declared.get(0), first);
          copy(r, declared.get(0), first);
          r.backward(() -> copy(r, declared.get(0), first));
          return null;
        });
    r.unit(
        "b",
        () -> {
          r.parameter("weight", new Initial.Constant(0), true, 1);
          copy(r, declared.get(1), second);
          copy(r, declared.get(0), first);
          return null;
        });
    return r.finish();
  }

  private static void copy(Recording r, Parameter from, Value to) {
    r.emit(
        from.name() + " to " + to.name(),
        List.of(from),
        List.of(to),
        (recorder, spans) -> Elementwise.copy(recorder, spans.of(from), spans.of(to)));
  }

  private static List<String> operations(Program program) {
    List<String> names = new ArrayList<>();
    for (Stage stage : program.stages()) {
      names.add("| " + stage.name() + " reads " + stage.reads());
      stage.operations().forEach(operation -> names.add(operation.name()));
    }
    return names;
  }

  @Test
  void shouldUnpackEachTensorOnceInEveryStageThatReadsIt() {
    List<String> halved = operations(program(ParameterFormat.BF16));
    assertEquals(
        List.of(
            "| a forward reads [0]",
            "a.table unpacked",
            "a.table to first",
            "a.table to first",
            "| b forward reads [0]",
            "a.bias unpacked",
            "a.bias to second",
            "a.table unpacked",
            "a.table to first",
            "| a backward reads [0]",
            "a.table unpacked",
            "a.table to first"),
        halved);
    halved.removeIf(name -> name.endsWith("unpacked"));
    assertEquals(operations(program(ParameterFormat.FP32)), halved);
  }

  @Test
  void shouldLeaveTheWordsToOperationsThatDeclareThem() {
    Recording r =
        new Recording(
            Pass.training(1, ROWS, 1).withParameters(ParameterFormat.BF16),
            UnaryOperator.identity());
    r.unit(
        "a",
        () -> {
          Parameter table = r.parameter("table", new Initial.Constant(0), true, ROWS, COLUMNS);
          Parameter bias = r.parameter("bias", new Initial.Constant(0), false, 2 * COLUMNS);
          r.emit(
              "both",
              List.of(new HalvedParameter(table), bias),
              List.of(first),
              (recorder, spans) -> {});
          copy(r, table, first);
          return null;
        });
    assertEquals(
        List.of(
            "| a forward reads [0]",
            "a.bias unpacked",
            "both",
            "a.table unpacked",
            "a.table to first"),
        operations(r.finish()));
  }

  @Test
  void shouldReadWhatWasRounded() {
    Program program = program(ParameterFormat.BF16);
    ShardLayout layout = ShardLayout.of(program.units(), 1);
    PageSize size = PageSize.configured();
    Placement placement = Placement.of(size, List.of(first, second), List.of(program));
    PageAllocator weightPages = new PageAllocator(size);
    PageAllocator wordPages = new PageAllocator(size);
    UnitPlacement weights = UnitPlacement.units(weightPages, layout);
    UnitPlacement words = UnitPlacement.units(wordPages, layout, ParameterFormat.BF16);
    DeviceMemory memory = ComputeContext.open(ComputeDevice.select("cpu")).newMemory();
    UnitSpans given = weights.in(memory.allocate("weights", weightPages.plan()));
    UnitSpans packed = words.in(memory.allocate("words", wordPages.plan()));
    ProgramRecorder recorder =
        new ProgramRecorder(
            memory,
            layout,
            packed,
            null,
            placement,
            memory.allocate("activations", placement.pages()));
    for (int i = 0; i < given.unit(0).length(); i++) {
      given.unit(0).set(i, (i - 7) / 3f);
    }
    given.upload();
    CommandRecorder packing = memory.record("packing");
    assertEquals(given.unit(0).length(), 2 * packed.unit(0).length());
    HalfPrecision.pack(packing, Format.BF16, given.unit(0), packed.unit(0));
    packing.finish().run();
    recorder.stages(program, false).forEach(CommandBuffer::run);
    assertRounded(given.of(layout.tensor("a.table")), recorder.span(first));
    assertRounded(given.of(layout.tensor("a.bias")), recorder.span(second));
  }

  private static void assertRounded(Span given, Span actual) {
    actual.download();
    for (int i = 0; i < actual.length(); i++) {
      assertEquals(Bf16ProductOrder.round(given.get(i)), actual.get(i));
    }
  }

  @Test
  void shouldTellWhereARangeIsStored() {
    assertEquals(new UnitRange(2, 48, 7), ParameterFormat.FP32.stored(new UnitRange(2, 48, 7)));
    assertEquals(new UnitRange(2, 24, 4), ParameterFormat.BF16.stored(new UnitRange(2, 48, 7)));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ParameterFormat.BF16.stored(new UnitRange(2, 47, 7)));
    assertTrue(
        e.getMessage().endsWith("range=UnitRange[unit=2, offset=47, length=7]"), e.getMessage());
  }

  @Test
  void shouldSeeWhatIsNotFiniteInEitherHalf() {
    assertTrue(ParameterFormat.BF16.isFinite(Float.intBitsToFloat(0x7f7f_ff7f)));
    assertFalse(ParameterFormat.BF16.isFinite(Float.intBitsToFloat(0x7f7f_ff80)));
    assertFalse(ParameterFormat.BF16.isFinite(Float.intBitsToFloat(0xff80_0000)));
    // A low half may hold any bits of an fp32 that is finite.
    assertTrue(ParameterFormat.FP32.isFinite(Float.intBitsToFloat(0x7f7f_ff80)));
  }
}
