package io.shardfire.worker.tokenizer;

import java.util.Arrays;

/**
 * Numbers the distinct pieces of texts in the order in which they first come, without an object for
 * each: their characters stand one after the other in one array, found by open addressing.
 *
 * <pre>
 * characters | piece 0 | piece 1 | ...        ends[i]: one past the last character of piece i
 * slots      | - | 1 | - | 0 | ...            by hash, then the next free one; at most half are taken
 * </pre>
 *
 * <p>Not thread-safe.
 */
public final class PieceTable {
  private static final int NONE = -1;
  private static final int FIRST_SLOTS = 1 << 10;

  private char[] characters = new char[1 << 12];
  private int[] ends = new int[FIRST_SLOTS / 2];
  private int[] hashes = new int[FIRST_SLOTS / 2];
  private int[] slots = slots(FIRST_SLOTS);
  private int size;

  private static int[] slots(int count) {
    int[] slots = new int[count];
    Arrays.fill(slots, NONE);
    return slots;
  }

  /** Number of pieces. */
  public int size() {
    return size;
  }

  /** Characters of all pieces together. */
  public int length() {
    return size == 0 ? 0 : ends[size - 1];
  }

  /**
   * The number of the piece that stands in a text from {@code begin} to {@code end}; a new one gets
   * the next number.
   */
  public int add(String text, int begin, int end) {
    int hash = hash(text, begin, end);
    int slot = hash & (slots.length - 1);
    while (slots[slot] != NONE) {
      int piece = slots[slot];
      if (hashes[piece] == hash && equal(piece, text, begin, end)) {
        return piece;
      }
      slot = (slot + 1) & (slots.length - 1);
    }
    slots[slot] = size;
    append(text, begin, end, hash);
    return size - 1;
  }

  /** The piece with a number. */
  public String piece(int number) {
    return new String(characters, begin(number), ends[number] - begin(number));
  }

  /** Forgets all pieces; the arrays keep their sizes. */
  public void clear() {
    Arrays.fill(slots, NONE);
    size = 0;
  }

  private int begin(int piece) {
    return piece == 0 ? 0 : ends[piece - 1];
  }

  private boolean equal(int piece, String text, int begin, int end) {
    int from = begin(piece);
    if (ends[piece] - from != end - begin) {
      return false;
    }
    for (int i = begin; i < end; i++) {
      if (characters[from + i - begin] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** A polynomial, then the finisher of MurmurHash3 (Appleby, 2011), for the low bits are used. */
  private static int hash(String text, int begin, int end) {
    int hash = 0;
    for (int i = begin; i < end; i++) {
      hash = 31 * hash + text.charAt(i);
    }
    hash = (hash ^ hash >>> 16) * 0x85EBCA6B;
    hash = (hash ^ hash >>> 13) * 0xC2B2AE35;
    return hash ^ hash >>> 16;
  }

  private void append(String text, int begin, int end, int hash) {
    int from = length();
    int to = Math.addExact(from, end - begin);
    if (to > characters.length) {
      characters = Arrays.copyOf(characters, grown(characters.length, to));
    }
    text.getChars(begin, end, characters, from);
    if (size == ends.length) {
      ends = Arrays.copyOf(ends, 2 * size);
      hashes = Arrays.copyOf(hashes, 2 * size);
    }
    ends[size] = to;
    hashes[size] = hash;
    size++;
    if (2 * size > slots.length) {
      rehash();
    }
  }

  /** Half as large again, or what is needed. */
  private static int grown(int length, int needed) {
    return (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(needed, length + (length >>> 1) + 1L));
  }

  private void rehash() {
    slots = slots(2 * slots.length);
    for (int piece = 0; piece < size; piece++) {
      int slot = hashes[piece] & (slots.length - 1);
      while (slots[slot] != NONE) {
        slot = (slot + 1) & (slots.length - 1);
      }
      slots[slot] = piece;
    }
  }
}
