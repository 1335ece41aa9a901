package io.shardfire.worker.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.Elementwise;
import io.shardfire.kernels.reference.Bf16ProductOrder;
import io.shardfire.sharding.layout.ShardLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Which values wait for the backward pass in bf16, and what its operations find of them. */
class HalvedActivationsTest {
  private static final int ROWS = 3;
  private static final int COLUMNS = 5;

  private final Value input = Value.pinned("input", ROWS, COLUMNS);
  private final Value whole = Value.pinned("whole", ROWS, COLUMNS);
  private final Value row = Value.pinned("row", 1, COLUMNS);
  private final Value sink = Value.pinned("sink", ROWS, COLUMNS);

  /** Units of one operation in each direction; what they read and write is up to the test. */
  private static final class Units {
    private final Recording r;

    Units(ActivationFormat format) {
      this.r =
          new Recording(
              Pass.training(1, ROWS, 1).withActivations(format), UnaryOperator.identity());
    }

    Value activation(String name) {
      return r.activation(name, ROWS, COLUMNS);
    }

    void unit(String name, Runnable forward, Runnable backward) {
      r.unit(
          name,
          () -> {
            r.parameter("weight", new Initial.Constant(0), true, 1);
            forward.run();
            r.backward(backward);
            return null;
          });
    }

    void copy(Value from, Value to) {
      r.emit(
          from.name() + " to " + to.name(),
          List.of(from),
          List.of(to),
          (recorder, spans) -> Elementwise.copy(recorder, spans.of(from), spans.of(to)));
    }

    List<String> operations() {
      List<String> names = new ArrayList<>();
      for (Stage stage : r.finish().stages()) {
        names.add("| " + stage.name());
        stage.operations().forEach(operation -> names.add(operation.name()));
      }
      return names;
    }
  }

  /** x is made in a, read in b and by the backward passes of both; y is for the head. */
  private Units usual(ActivationFormat format) {
    Units units = new Units(format);
    Value x = units.activation("x");
    Value y = units.activation("y");
    units.unit("a", () -> units.copy(input, x), () -> units.copy(x, whole));
    units.unit(
        "b",
        () -> {
          units.copy(x, y);
          units.copy(y, sink);
        },
        () -> {
          units.copy(x.slice(1, 1), row);
          units.copy(x, whole);
        });
    units.unit("head", () -> {}, () -> units.copy(y, sink));
    return units;
  }

  @Test
  void shouldPackAfterTheLastUseAndUnpackInEveryStageThatReads() {
    List<String> plain = usual(ActivationFormat.FP32).operations();
    List<String> halved = usual(ActivationFormat.BF16).operations();
    assertEquals(
        List.of(
            "| a forward",
            "input to x",
            "| b forward",
            "x to y",
            "x packed",
            "y to sink",
            "| head forward",
            "| head backward",
            "y to sink",
            "| b backward",
            "x unpacked",
            "x to row",
            "x to whole",
            "| a backward",
            "x unpacked",
            "x to whole"),
        halved);
    halved.removeIf(name -> name.endsWith("packed"));
    assertEquals(plain, halved);
  }

  @Test
  void shouldReadWhatWasRounded() {
    Program program = usual(ActivationFormat.BF16).r.finish();
    Placement placement =
        Placement.of(PageSize.configured(), List.of(input, whole, row, sink), List.of(program));
    DeviceMemory memory = ComputeContext.open(ComputeDevice.select("cpu")).newMemory();
    ProgramRecorder recorder =
        new ProgramRecorder(
            memory,
            ShardLayout.of(program.units(), 1),
            null,
            null,
            placement,
            memory.allocate("activations", placement.pages()));
    Span given = recorder.span(input);
    for (int i = 0; i < given.length(); i++) {
      given.set(i, (i - 7) / 3f);
    }
    given.upload();
    recorder.stages(program, false).forEach(CommandBuffer::run);
    assertCopied(given, recorder.span(sink), 0, UnaryOperator.identity());
    assertCopied(given, recorder.span(whole), 0, Bf16ProductOrder::round);
    assertCopied(given, recorder.span(row), COLUMNS, Bf16ProductOrder::round);
  }

  private static void assertCopied(
      Span given, Span actual, int from, UnaryOperator<Float> expected) {
    actual.download();
    for (int i = 0; i < actual.length(); i++) {
      assertEquals(expected.apply(given.get(from + i)), actual.get(i));
    }
  }

  @Test
  void shouldLeaveWhatMayNotBeRounded() {
    Units units = new Units(ActivationFormat.BF16);
    Value statistics = units.r.value("statistics", ROWS, COLUMNS);
    Value turned = units.activation("turned");
    units.unit(
        "a",
        () -> {
          units.copy(input, statistics);
          units.copy(input, turned);
          units.copy(input, whole);
        },
        () -> {
          units.copy(statistics, whole);
          units.copy(whole, turned);
          units.copy(turned, whole);
          units.copy(input, whole);
        });
    units.unit("b", () -> units.copy(input, sink), () -> units.copy(whole, sink));
    List<String> names = units.operations();
    assertTrue(
        names.containsAll(List.of("statistics to whole", "turned to whole")), names.toString());
    assertFalse(names.toString().contains("packed"), names.toString());
  }
}
