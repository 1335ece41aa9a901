package io.shardfire.kernels.device;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One operation on its way into the command table: an opcode, its arguments in the order its OpenCL
 * file lists them, the floats it reads and writes, and the number of tiles it divides into. The
 * tiles of a command may run in any order and at the same time.
 */
public final class Command {
  /** Words of a table entry. */
  static final int WORDS = 64;

  static final int HEADER_WORDS = 4;

  private final Opcode opcode;
  private final int tiles;
  private final int[] arguments = new int[WORDS - HEADER_WORDS];
  private int used;
  private final List<Extent> reads = new ArrayList<>();
  private final List<Extent> writes = new ArrayList<>();
  private String shape = "";
  private long multiplyAdds;
  private long touchedFloats = -1;

  private Command(Opcode opcode, int tiles) {
    this.opcode = opcode;
    this.tiles = tiles;
  }

  /** Starts a command of at least one tile. */
  public static Command of(Opcode opcode, long tiles) {
    if (tiles < 1 || tiles > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "A command needs between 1 and 2^31-1 tiles: opcode=" + opcode + ", tiles=" + tiles);
    }
    return new Command(opcode, (int) tiles);
  }

  /** Appends a span that is read. */
  public Command read(Span span) {
    reads.add(Extent.of(span));
    return address(span);
  }

  /** Appends a matrix that is read: rows of {@code columns} floats, {@code stride} apart. */
  public Command read(Span span, int rows, int columns, int stride) {
    reads.add(new Extent(span.arena(), span.offset(), rows, columns, stride));
    return address(span);
  }

  /** Appends a span that is written. */
  public Command write(Span span) {
    writes.add(Extent.of(span));
    return address(span);
  }

  /** Appends a matrix that is written: rows of {@code columns} floats, {@code stride} apart. */
  public Command write(Span span, int rows, int columns, int stride) {
    writes.add(new Extent(span.arena(), span.offset(), rows, columns, stride));
    return address(span);
  }

  /** Appends a span that is read if it is not null, else marks it absent. */
  public Command readIfPresent(Span span) {
    return span == null ? absent() : read(span);
  }

  /** Appends a span that is written if it is not null, else marks it absent. */
  public Command writeIfPresent(Span span) {
    return span == null ? absent() : write(span);
  }

  /** Appends an absent span. */
  public Command absent() {
    return word(-1).word(0);
  }

  /** Appends a whole number. */
  public Command integer(int value) {
    return word(value);
  }

  /** Appends a truth value as 1 or 0. */
  public Command flag(boolean value) {
    return word(value ? 1 : 0);
  }

  /** Appends a real number. */
  public Command real(float value) {
    return word(Float.floatToRawIntBits(value));
  }

  /**
   * Says what products it holds, for {@link CommandWork}.
   *
   * @param sizes as a reader of a profile knows them
   */
  public Command products(String sizes, long count) {
    shape = sizes;
    multiplyAdds = count;
    return this;
  }

  /** Says how many floats it reads and writes, where those are not all of its spans. */
  public Command touching(long floats) {
    touchedFloats = floats;
    return this;
  }

  private Command address(Span span) {
    return word(span.arena().index()).word(span.offset());
  }

  private Command word(int value) {
    if (used == arguments.length) {
      throw new IllegalStateException(
          "Too many arguments for a command: opcode=" + opcode + ", limit=" + arguments.length);
    }
    arguments[used++] = value;
    return this;
  }

  Opcode opcode() {
    return opcode;
  }

  int tiles() {
    return tiles;
  }

  List<Extent> reads() {
    return reads;
  }

  List<Extent> writes() {
    return writes;
  }

  CommandWork work() {
    long floats = touchedFloats < 0 ? floats(reads) + floats(writes) : touchedFloats;
    return new CommandWork(opcode, shape, multiplyAdds, Float.BYTES * floats);
  }

  private static long floats(List<Extent> extents) {
    return extents.stream().distinct().mapToLong(Extent::floats).sum();
  }

  /** Whether this command must run after {@code earlier}. */
  boolean dependsOn(Command earlier) {
    return anyOverlap(reads, earlier.writes)
        || anyOverlap(writes, earlier.writes)
        || anyOverlap(writes, earlier.reads);
  }

  private static boolean anyOverlap(List<Extent> left, List<Extent> right) {
    for (Extent a : left) {
      for (Extent b : right) {
        if (a.overlaps(b)) {
          return true;
        }
      }
    }
    return false;
  }

  /** The table entry. */
  int[] encode(int firstTile, int tilesBefore) {
    int[] entry = new int[WORDS];
    entry[0] = opcode.code();
    entry[1] = firstTile;
    entry[2] = tiles;
    entry[3] = tilesBefore;
    System.arraycopy(arguments, 0, entry, HEADER_WORDS, used);
    return entry;
  }

  @Override
  public String toString() {
    return opcode + " " + Arrays.toString(Arrays.copyOf(arguments, used));
  }
}
