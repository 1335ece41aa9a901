// The products of attention in bf16, of operands that are packed in local memory as bf16_pack.cl has
// it. An element is the sum of bf16.cl, by any unit.
//
//   blocks of a line of heads:  hb = head_size / 32, rounded up; zeros behind the last one

#define BF16_SCORES_APART 16  // floats behind a row of scores, so that rows fall on different cache sets
#define BF16_ATTENTION_ROWS 64  // at a time, 32 of heads above 128
#define BF16_ATTENTION_SLOTS 88  // of their maxima or sums: eight for each strip of six

// Scratch of a product with vectors: a strip of A and a panel of B, widened.
#define BF16_STRIP_FLOATS (BF16_STRIP_ROWS * BF16_DEPTH)

// Local memory as the functions of the products take it.
INLINE __global uint* as_words(local_floats floats) { return (__global uint*)(uintptr_t)floats; }

INLINE global_floats as_global(local_floats floats) { return (global_floats)(uintptr_t)floats; }

// Which operand it is packed as, and whether a row of the source is a line or a k.
#define LEFT_BY_ROWS true, true
#define LEFT_BY_COLUMNS false, true
#define RIGHT_BY_ROWS true, false
#define RIGHT_BY_COLUMNS false, false

// Packs a whole matrix; `depth_blocks` lie from one block of lines to the next.
INLINE void pack_local(
    int unit, const_global_floats source, int stride, int lines, int depth, int depth_blocks,
    bool along_k, bool by_lines, local_floats packed) {
  PackedPart part = {
      as_words(packed), depth_blocks, 0, (lines + BF16_BLOCK - 1) / BF16_BLOCK, 0,
      (depth + BF16_BLOCK - 1) / BF16_BLOCK, unit, false, false};
  pack_part(&part, numbers_of(source), stride, lines, depth, along_k, by_lines);
}

// One block of lines and of k of a packed matrix.
INLINE local_floats block_of(local_floats packed, int depth_blocks, int line, int depth) {
  return packed + ((size_t)line * depth_blocks + depth) * BF16_BLOCK_WORDS;
}

// c[rows, columns] (+)= A B over `steps` blocks of k. Rows of A and columns of B are filled up to
// whole blocks.
INLINE void multiply_packed(
    int unit, local_floats left, int left_blocks, local_floats right, int right_blocks,
    global_floats c, int row, int rows, int columns, int steps, bool add, local_floats scratch) {
  const __global uint* a = as_words(left);
  const __global uint* b = as_words(right);
  if (unit != UNIT_VECTORS) {
    for (int i = 0; i < rows; i += BF16_BLOCK) {
      const __global uint* a_block =
          a + (size_t)(i / BF16_BLOCK) * left_blocks * BF16_BLOCK_WORDS;
      for (int j = 0; j < columns; j += BF16_BLOCK) {
        const __global uint* b_block =
            b + (size_t)(j / BF16_BLOCK) * right_blocks * BF16_BLOCK_WORDS;
        multiply_block(
            unit, a_block, b_block, c + (size_t)i * row + j, row, rows - i, columns - j, steps, add);
      }
    }
    return;
  }
  local_floats panel = scratch + BF16_STRIP_FLOATS;
  int packed_rows = round_up(rows, BF16_BLOCK);
  uint mode = begin_flushing();
  for (int j = 0; j < columns; j += PANEL) {
    widen_columns(b, right_blocks, steps, j, PANEL, panel);
    for (int i = 0; i < rows; i += BF16_STRIP_ROWS) {
      widen_rows(a, left_blocks, steps, i, packed_rows, scratch);
      multiply_by_vectors(
          scratch, panel, c + (size_t)i * row + j, row, min(BF16_STRIP_ROWS, rows - i), columns - j,
          steps, add);
    }
  }
  end_flushing(mode);
}

// The blocks of 32 keys that one of the rows sees.
INLINE Range whole_blocks(Range keys) {
  Range whole = {
      round_down(keys.first, BF16_BLOCK), keys.end > 0 ? round_up(keys.end, BF16_BLOCK) : 0};
  return whole;
}

// Zeros where a strip has no weights: outside of the vectors of its keys.
INLINE void clear_unseen(local_floats strip, int stride, Range group, Range keys) {
  int first = group.end > 0 ? round_down(group.first, LANES) : keys.end;
  int end = group.end > 0 ? round_up(group.end, LANES) : keys.end;
  for (int r = 0; r < GROUP_ROWS; r++) {
    for (int j = keys.first; j < first; j += LANES) {
      STORE((vec)(0.0f), strip + r * stride + j);
    }
    for (int j = end; j < keys.end; j += LANES) {
      STORE((vec)(0.0f), strip + r * stride + j);
    }
  }
}
