package io.shardfire.kernels.device;

import java.util.ArrayList;
import java.util.List;

/**
 * Orders commands into phases: a command stands in the phase after the last one that holds a
 * command it depends on, so the commands of a phase are independent of each other and run side by
 * side. Within a phase the order of recording is kept.
 */
final class PhaseSchedule {
  private final List<List<Command>> phases = new ArrayList<>();

  void add(Command command) {
    int phase = phases.size();
    while (phase > 0 && !dependsOnAny(command, phases.get(phase - 1))) {
      phase--;
    }
    if (phase == phases.size()) {
      phases.add(new ArrayList<>());
    }
    phases.get(phase).add(command);
  }

  private static boolean dependsOnAny(Command command, List<Command> earlier) {
    for (Command candidate : earlier) {
      if (command.dependsOn(candidate)) {
        return true;
      }
    }
    return false;
  }

  List<List<Command>> phases() {
    return phases;
  }

  /** All commands, in the order of the table. */
  List<Command> commands() {
    return phases.stream().flatMap(List::stream).toList();
  }

  /** All table entries, with their tile numbering. */
  List<int[]> encode() {
    List<int[]> entries = new ArrayList<>();
    int firstTile = 0;
    for (List<Command> phase : phases) {
      int tilesBefore = firstTile;
      for (Command command : phase) {
        entries.add(command.encode(firstTile, tilesBefore));
        firstTile = Math.addExact(firstTile, command.tiles());
      }
    }
    return entries;
  }
}
