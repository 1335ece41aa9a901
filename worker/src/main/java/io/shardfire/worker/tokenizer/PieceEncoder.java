package io.shardfire.worker.tokenizer;

import java.util.Arrays;
import java.util.function.Function;

/**
 * Encodes text piece by piece with the library's ids of each, which it keeps: a text has few
 * distinct pieces. For documents that are {@link TokenizerDocument#piecewise()}.
 *
 * <p>Memory: at most {@value #PIECES} pieces of up to {@value #LONGEST} characters, and {@value
 * #IDS} ids of theirs; with English text that is about 6 MB. Once full, it begins anew. Not
 * thread-safe.
 */
final class PieceEncoder {
  /** Pieces kept. */
  static final int PIECES = 1 << 17;

  /** Ids kept, but for those of the last piece. */
  static final int IDS = 1 << 20;

  /** Longer ones are left to the library each time. */
  static final int LONGEST = 64;

  private final Function<String, int[]> library;
  private final PieceTable pieces = new PieceTable();
  private int[] ends = new int[1 << 10];
  private int[] ids = new int[1 << 12];
  private int[] text = new int[1 << 10];
  private int length;

  /**
   * @param library encodes a text that is one piece
   */
  PieceEncoder(Function<String, int[]> library) {
    this.library = library;
  }

  /** The ids of a text without special tokens. */
  int[] encode(String source) {
    length = 0;
    PreTokenizer.split(source, this::piece);
    return Arrays.copyOf(text, length);
  }

  private void piece(String source, int begin, int end) {
    if (end - begin > LONGEST) {
      int[] found = library.apply(source.substring(begin, end));
      append(found, 0, found.length);
      return;
    }
    if (pieces.size() == PIECES || begin(pieces.size()) >= IDS) {
      pieces.clear();
    }
    int known = pieces.size();
    int piece = pieces.add(source, begin, end);
    if (piece == known) {
      learn(piece, source.substring(begin, end));
    }
    append(ids, begin(piece), ends[piece]);
  }

  private int begin(int piece) {
    return piece == 0 ? 0 : ends[piece - 1];
  }

  private void learn(int piece, String content) {
    int[] found;
    try {
      found = library.apply(content);
    } catch (RuntimeException e) {
      // The table has the piece already.
      pieces.clear();
      throw e;
    }
    int from = begin(piece);
    ends = atLeast(ends, piece + 1);
    ids = atLeast(ids, from + found.length);
    System.arraycopy(found, 0, ids, from, found.length);
    ends[piece] = from + found.length;
  }

  private void append(int[] source, int begin, int end) {
    text = atLeast(text, Math.addExact(length, end - begin));
    System.arraycopy(source, begin, text, length, end - begin);
    length += end - begin;
  }

  private static int[] atLeast(int[] array, int length) {
    return length <= array.length
        ? array
        : Arrays.copyOf(array, Math.max(length, array.length + (array.length >>> 1)));
  }
}
