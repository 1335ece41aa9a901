package io.shardfire.worker.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.kernels.device.PageSize;
import io.shardfire.sharding.layout.ShardLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What a recording lets modules do, and what it refuses before anything is computed. */
class RecordingTest {
  private static final Emission NOTHING = (recorder, spans) -> {};

  private final Value losses = Value.pinned("losses", 3, 1);
  private final List<Value> made = new ArrayList<>();

  private Program record(Consumer<Recording> body) {
    Recording r = new Recording(Pass.training(1, 3, 1), UnaryOperator.identity());
    r.unit(
        "unit",
        () -> {
          r.parameter("weight", new Initial.Constant(0), true, 2, 2);
          body.accept(r);
          return null;
        });
    return r.finish();
  }

  private Value emit(Recording r, String name, Value... reads) {
    Value value = r.rows(name, 2);
    r.emit(name, List.of(reads), List.of(value), NOTHING);
    made.add(value);
    return value;
  }

  /** A gradient that begins at {@code value}, and a result that somebody reads. */
  private void end(Recording r, Value value) {
    r.emit("loss", List.of(value), List.of(losses), NOTHING);
    r.backward(
        () -> {
          Value target = r.contribution(value).target();
          r.emit("loss gradient", List.of(losses), List.of(target), NOTHING);
        });
  }

  @Test
  void shouldPrepareWhatIsMadeOfAParameterOnceAndOnlyWhereItHasChanged() {
    List<Value> prepared = new ArrayList<>();
    Program program =
        record(
            r -> {
              Parameter weight = r.parameter("weight", new Initial.Constant(0), true, 2, 2);
              Value a = emit(r, "a");
              for (int use = 0; use < 2; use++) {
                prepared.add(r.prepared(weight, "packed", 5, (recorder, of, value) -> {}));
                a = emit(r, "b", a, prepared.get(use));
              }
              end(r, a);
            });
    assertSame(prepared.get(0), prepared.get(1));
    assertEquals(List.of("a", "unit.weight packed", "b", "b", "loss"), names(program));
    assertEquals(5, program.preparedFloats());
    Program later = program.withSameParameters();
    assertEquals(List.of("a", "b", "b", "loss"), names(later));
    assertEquals(0, later.preparedFloats());
    assertSame(later, later.withSameParameters());
    // Nobody writes over it between the runs.
    Placement placement = Placement.of(PageSize.configured(), List.of(), List.of(program));
    long end = placement.address(prepared.get(0)) + 5;
    for (Value value : made) {
      assertTrue(placement.address(value) >= end, value.toString());
    }
  }

  private static List<String> names(Program program) {
    return program.operations().stream().map(Operation::name).toList();
  }

  @Test
  void shouldAskForBackwardOperationsInReverseOrder() {
    Program program =
        record(
            r -> {
              Value a = emit(r, "a");
              r.backward(
                  () -> r.emit("a backward", List.of(r.gradient(a)), List.of(losses), NOTHING));
              end(r, a);
            });
    assertEquals(List.of("a", "loss", "loss gradient", "a backward"), names(program));
    assertEquals(
        List.of("unit forward", "unit backward"),
        program.stages().stream().map(Stage::name).toList());
  }

  @Test
  void shouldAddWhatSeveralReadersContribute() {
    Program program =
        record(
            r -> {
              Value a = emit(r, "a");
              r.backward(
                  () -> r.emit("a backward", List.of(r.gradient(a)), List.of(losses), NOTHING));
              Value b = emit(r, "b", a);
              r.backward(
                  () ->
                      r.overwriting(
                          a, part -> r.emit("b backward", List.of(b), List.of(part), NOTHING)));
              end(r, b);
              end(r, a);
            });
    // The operation of b cannot add, so a sum of its part and the loss's follows.
    assertEquals(
        List.of("b backward", "unit a gradient sum", "a backward"),
        names(program).subList(names(program).indexOf("b backward"), names(program).size()));
  }

  @Test
  void shouldRefuseAGradientThatHasBecomeAnothers() {
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () ->
                record(
                    r -> {
                      Value a = emit(r, "a");
                      Value sum = emit(r, "sum", a);
                      r.backward(
                          () -> {
                            r.pass(sum, a);
                            assertSame(r.gradient(sum), r.gradient(a));
                            assertTrue(r.contribution(a).adds());
                            r.gradient(sum);
                          });
                      end(r, sum);
                    }));
    assertTrue(
        e.getMessage().contains("has become another's; ask for it earlier: value=unit sum"),
        e.getMessage());
  }

  @Test
  void shouldRefuseAGradientThatNobodyGave() {
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () ->
                record(
                    r -> {
                      Value a = emit(r, "a");
                      r.backward(() -> r.gradient(a));
                    }));
    assertTrue(e.getMessage().contains("No operation has a gradient"), e.getMessage());
  }

  @Test
  void shouldRefuseToReadWhatNothingHasWritten() {
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class, () -> record(r -> end(r, r.rows("forgotten", 2))));
    assertEquals(
        "An operation reads what nothing has written: operation=loss, value=unit forgotten[3,2]",
        e.getMessage());
  }

  @Test
  void shouldRefuseAnOperandThatAnOperationDoesNotDeclare() {
    Value secret = Value.pinned("secret", 1, 1);
    Program program =
        record(
            r -> {
              Value a = r.rows("a", 2);
              r.emit("a", List.of(), List.of(a), (recorder, spans) -> spans.of(secret));
              end(r, a);
            });
    Placement placement =
        Placement.of(PageSize.configured(), List.of(secret, losses), List.of(program));
    DeviceMemory memory = ComputeContext.open(ComputeDevice.select("cpu")).newMemory();
    ProgramRecorder recorder =
        new ProgramRecorder(
            memory,
            ShardLayout.of(program.units(), 1),
            null,
            null,
            placement,
            memory.allocate("activations", placement.pages()));
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class, () -> recorder.record("all", program.operations(), false));
    assertEquals(
        "The operation does not declare this operand: operation=a, operand=secret", e.getMessage());
  }

  @Test
  void shouldGiveAModuleItsParameterAgainAndRefuseAnotherShape() {
    record(
        r -> {
          Parameter first = r.parameter("bias", new Initial.Constant(1), false, 2);
          assertSame(first, r.parameter("bias", new Initial.Constant(1), false, 2));
          assertThrows(
              IllegalStateException.class,
              () -> r.parameter("bias", new Initial.Constant(1), false, 3));
          assertTrue(r.gradient(first).first());
          assertFalse(r.gradient(first).first());
        });
  }

  @Test
  void shouldCountDropoutSitesByTheirPaths() {
    record(
        r -> {
          assertEquals(0, (int) r.scope("x", () -> r.dropoutSite("dropout")));
          assertEquals(1, (int) r.scope("y", () -> r.dropoutSite("dropout")));
          assertEquals(0, (int) r.scope("x", () -> r.dropoutSite("dropout")));
        });
  }

  @Test
  void shouldComputeAnewOnlyWhatTheBackwardPassReads() {
    Program program =
        record(
            r -> {
              Value x = emit(r, "x");
              Value y =
                  r.recompute(
                      x,
                      input -> {
                        Value inner = emit(r, "inner", input);
                        Value outer = emit(r, "outer", inner);
                        r.backward(
                            () ->
                                r.emit(
                                    "backward",
                                    List.of(inner, r.gradient(outer)),
                                    List.of(losses),
                                    NOTHING));
                        return outer;
                      });
              end(r, y);
            });
    assertEquals(
        List.of("x", "inner", "outer", "loss", "loss gradient", "inner", "backward"),
        names(program));
  }

  @Test
  void shouldRefuseUnitsWithinUnits() {
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> record(r -> r.unit("inner", () -> null)));
    assertEquals("Units do not nest: unit=inner, within=unit", e.getMessage());
  }
}
