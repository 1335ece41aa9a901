// What becomes of a sum of a product: see cpu/matmul/epilogue.cl.

// Where the sums of one product go, and what is added to them.
typedef struct {
  global_floats c;
  const_global_floats addend;
  const_global_floats bias;
  int c_stride;
  int addend_stride;
} Target;

// The target of a product whose operands begin at these offsets.
INLINE Target product_target(
    const Command* command, size_t c_offset, size_t bias_offset, size_t residual_offset) {
  Target target;
  target.c = SPAN(4) + c_offset;
  target.c_stride = INT(15);
  target.bias = SPAN(6);
  target.bias = target.bias ? target.bias + bias_offset : target.bias;
  target.addend = (const_global_floats)0;
  target.addend_stride = 0;
  if (INT(17)) {
    target.addend = target.c;
    target.addend_stride = target.c_stride;
  } else if (INT(18) == NOT_ACTIVATED && SPAN(8)) {
    target.addend = SPAN(8) + residual_offset;
    target.addend_stride = INT(16);
  }
  return target;
}

INLINE void store_sum(Target target, int row, int column, float sum) {
  if (target.addend) {
    sum += target.addend[(size_t)row * target.addend_stride + column];
  }
  if (target.bias) {
    sum += target.bias[column];
  }
  target.c[(size_t)row * target.c_stride + column] = sum;
}

// C = f(Z) + residual over a piece of C in which this group has stored Z; all items must come here.
// Registers would save the second visit, but would hold the code of f once per element.
INLINE void activate_piece(
    const Command* command, Target target, size_t residual_offset, size_t kept_offset,
    int first_row, int rows, int first_column, int columns) {
  GLOBAL_BARRIER;
  int function = INT(18);
  if (function == NOT_ACTIVATED) {
    return;
  }
  const_global_floats residual = SPAN(8);
  global_floats kept = SPAN(19);
  for (int i = ITEM; i < rows * columns; i += GROUP_ITEMS) {
    size_t row = first_row + i / columns;
    int column = first_column + i % columns;
    size_t at = row * target.c_stride + column;
    float slope;
    float z = target.c[at];
    float y = activate(function, z, &slope);
    if (residual) {
      y += residual[residual_offset + row * INT(16) + column];
    }
    if (kept) {
      kept[kept_offset + row * INT(21) + column] = z;
    }
    target.c[at] = y;
  }
}
