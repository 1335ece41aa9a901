package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Opcode;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.device.Tunable;

/**
 * Floats of 16 bits, two in the word of one float: the first in its low half; the last half of an
 * odd length is 0. Packing rounds to nearest, ties to even; unpacking is exact.
 *
 * <p>A word is a bit pattern, not a number: read it with {@link Float#floatToRawIntBits} and never
 * compute with it.
 */
public final class HalfPrecision {
  private HalfPrecision() {}

  /** Which 16 bits. */
  public enum Format {
    /** The high half of a float: its range, 8 bits of precision. */
    BF16,
    /** IEEE 754 binary16: up to 65504, 11 bits of precision. */
    FP16
  }

  /** Words that hold {@code length} packed floats. */
  public static int words(int length) {
    return (int) words((long) length);
  }

  /** The same of more floats than an array has, for checks before anything is that large. */
  static long words(long length) {
    return length / 2 + length % 2;
  }

  /** words = x, rounded. */
  public static void pack(CommandRecorder recorder, Format format, Span x, Span words) {
    check("HalfPrecision.pack", x, words);
    recorder.add(command(recorder, Opcode.HALF_PACK, x, words, x, format));
  }

  /** x = words. */
  public static void unpack(CommandRecorder recorder, Format format, Span words, Span x) {
    check("HalfPrecision.unpack", x, words);
    recorder.add(command(recorder, Opcode.HALF_UNPACK, words, x, x, format));
  }

  /** Tiles are cut from the unpacked floats on both ways. */
  private static Command command(
      CommandRecorder recorder, Opcode opcode, Span from, Span to, Span x, Format format) {
    int tile = recorder.tuned(Tunable.ELEMENTS_PER_TILE);
    return Command.of(opcode, Operands.tiles(x.length(), tile))
        .read(from)
        .write(to)
        .integer(x.length())
        .flag(format == Format.BF16);
  }

  private static void check(String operation, Span x, Span words) {
    new Operands(operation)
        .holds("x", x, 0)
        .positive("length", x.length())
        .holds("words", words, words(x.length()))
        .require(
            words.length() == words(x.length()),
            "must have half as many floats as x, " + words(x.length()),
            "words",
            words.length())
        .disjoint("x", x, "words", words);
  }
}
