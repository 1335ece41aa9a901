package io.shardfire.kernels.device;

import java.util.List;

/**
 * The int array that holds the command tables of one {@link DeviceMemory} and the control words of
 * a launch; {@code dispatch.cl} draws the same layout.
 *
 * <pre>
 *   word 12     28     44      60                      63      64      65      188
 *        | next | done | moved | first, commands, mark | lanes | tiles | marks | entries …
 * </pre>
 */
final class CommandTable {
  private static final int NEXT = 12;
  private static final int DONE = 28;
  private static final int MOVED = 44;
  private static final int LAUNCH = 60;
  private static final int LANES = 63;
  private static final int UNIT = 64;
  private static final int MARKS = 65;

  /** Where entries begin: the control words stand before, the last of them a mark per arena. */
  static final int FIRST_ENTRY = 188;

  private static final int CAPACITY = 1 << 21;

  private final int[] words = HumongousArrays.ints("command table", CAPACITY);
  private int next = FIRST_ENTRY;

  int[] words() {
    return words;
  }

  CommandBuffer store(DeviceMemory memory, String name, PhaseSchedule schedule) {
    List<int[]> entries = schedule.encode();
    int needed = entries.size() * Command.WORDS;
    if (needed > words.length - next) {
      throw new ComputeException(
          "The command table is full; record fewer command buffers per device memory: commandBuffer="
              + name
              + ", commands="
              + entries.size()
              + ", free="
              + (words.length - next) / Command.WORDS);
    }
    int first = next;
    int[] tileEnds = new int[entries.size()];
    for (int command = 0; command < tileEnds.length; command++) {
      int[] entry = entries.get(command);
      System.arraycopy(entry, 0, words, next, entry.length);
      next += entry.length;
      tileEnds[command] = entry[1] + entry[2];
    }
    List<CommandWork> works = schedule.commands().stream().map(Command::work).toList();
    return new CommandBuffer(memory, name, first, works, schedule.phases().size(), tileEnds);
  }

  /** What the command at a word does. */
  Opcode opcode(int entry) {
    return Opcode.of(words[entry]);
  }

  void markIndex(int arena, int index) {
    words[MARKS + arena] = index;
  }

  /** Sets the control words for a launch of commands, which may begin within their buffer. */
  void begin(int firstWord, int commands, int mark) {
    int firstTile = commands == 0 ? 0 : words[firstWord + 1];
    words[NEXT] = firstTile;
    words[DONE] = firstTile;
    words[MOVED] = 0;
    words[LAUNCH] = firstWord;
    words[LAUNCH + 1] = commands;
    words[LAUNCH + 2] = mark;
    words[LANES] = 0;
    words[UNIT] = 0;
  }

  /** The vector width of the compiled kernels, in floats; 0 when the launch failed. */
  int lanes() {
    return words[LANES];
  }

  /** Code of the unit that the process may use for products in bf16; set by a launch of nothing. */
  int unit() {
    return words[UNIT];
  }

  /** Tiles the device finished, those before the first command of the launch included. */
  int done() {
    return words[DONE];
  }

  /** The first arena that the device does not see where the host has it; -1 for none. */
  int moved() {
    return words[MOVED] - 1;
  }
}
