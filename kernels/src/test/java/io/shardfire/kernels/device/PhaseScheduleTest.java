package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class PhaseScheduleTest {
  private final Arena arena = new Arena(null, 0, "a", 1000, new float[0], new float[0]);
  private final PhaseSchedule schedule = new PhaseSchedule();

  private Span span(int block) {
    return arena.span(10 * block, 10);
  }

  private Command command(int target, int... sources) {
    Command command = Command.of(Opcode.COPY, 3).write(span(target));
    for (int source : sources) {
      command.read(span(source));
    }
    return command;
  }

  private Command add(Command command) {
    schedule.add(command);
    return command;
  }

  @Test
  void shouldRunIndependentCommandsSideBySide() {
    Command a = add(command(1, 0));
    Command b = add(command(2, 0));
    Command c = add(command(3, 1, 2));
    assertEquals(List.of(List.of(a, b), List.of(c)), schedule.phases());
  }

  @Test
  void shouldOrderWriteAfterRead() {
    Command reader = add(command(1, 0));
    Command writer = add(command(0, 5));
    assertEquals(List.of(List.of(reader), List.of(writer)), schedule.phases());
  }

  @Test
  void shouldOrderWriteAfterWrite() {
    Command first = add(command(1, 0));
    Command second = add(command(1, 0));
    assertEquals(List.of(List.of(first), List.of(second)), schedule.phases());
  }

  @Test
  void shouldHoistACommandAsFarAsItsInputsAllow() {
    Command a = add(command(1, 0));
    Command b = add(command(2, 1));
    Command c = add(command(3, 2));
    Command late = add(command(4, 1));
    assertEquals(List.of(List.of(a), List.of(b, late), List.of(c)), schedule.phases());
  }

  @Test
  void shouldNumberTilesThroughThePhases() {
    add(command(1, 0));
    add(command(2, 1));
    add(command(3, 0));
    List<int[]> entries = schedule.encode();
    assertEquals(3, schedule.commands().size());
    assertArrayEquals(new int[] {0, 3, 0}, firstTileCountAndWait(entries.get(0)));
    assertArrayEquals(new int[] {3, 3, 0}, firstTileCountAndWait(entries.get(1)));
    assertArrayEquals(new int[] {6, 3, 6}, firstTileCountAndWait(entries.get(2)));
  }

  private static int[] firstTileCountAndWait(int[] entry) {
    return new int[] {entry[1], entry[2], entry[3]};
  }
}
