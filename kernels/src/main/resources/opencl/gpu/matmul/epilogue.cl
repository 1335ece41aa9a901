// What becomes of a sum of a product: see cpu/matmul/epilogue.cl.

// Where the sums of one product go, and what is made of them. Offsets stand apart from what may be
// absent: one compiler takes null plus an offset for something.
typedef struct {
  global_floats c;
  const_global_floats addend;
  const_global_floats bias;
  const_global_floats residual;  // added to what the activation makes
  global_floats kept;            // the pre-activation
  size_t addend_offset;
  size_t bias_offset;
  size_t residual_offset;
  size_t kept_offset;
  int c_stride;
  int addend_stride;
  int residual_stride;
  int kept_stride;
  int activation;
} Target;

// The target of the product of a batch with this number.
INLINE Target product_target(const Command* command, size_t product) {
  Target target;
  target.c = SPAN(4) + product * INT(26);
  target.c_stride = INT(15);
  target.bias = SPAN(6);
  target.bias_offset = product * INT(27);
  target.residual = SPAN(8);
  target.residual_offset = product * INT(28);
  target.residual_stride = INT(16);
  target.kept = SPAN(19);
  target.kept_offset = product * INT(29);
  target.kept_stride = INT(21);
  target.activation = INT(18);
  target.addend = (const_global_floats)0;
  target.addend_offset = 0;
  target.addend_stride = 0;
  if (INT(17)) {
    target.addend = target.c;
    target.addend_stride = target.c_stride;
  } else if (target.activation == NOT_ACTIVATED) {
    target.addend = target.residual;
    target.addend_offset = target.residual_offset;
    target.addend_stride = target.residual_stride;
  }
  return target;
}

// A sum with what is added to it before an activation.
INLINE float whole_sum(const Target* target, size_t row, int column, float sum) {
  if (target->addend) {
    sum += target->addend[target->addend_offset + row * target->addend_stride + column];
  }
  if (target->bias) {
    sum += target->bias[target->bias_offset + column];
  }
  return sum;
}

INLINE void store_whole_sum(const Target* target, size_t row, int column, float sum) {
  target->c[row * target->c_stride + column] = whole_sum(target, row, column, sum);
}

INLINE void store_activated(const Target* target, size_t row, int column, float z) {
  float y = z;
  if (target->activation != NOT_ACTIVATED) {
    float slope;
    y = activate(target->activation, z, &slope);
    if (target->kept) {
      target->kept[target->kept_offset + row * target->kept_stride + column] = z;
    }
    if (target->residual) {
      y += target->residual[target->residual_offset + row * target->residual_stride + column];
    }
  }
  target->c[row * target->c_stride + column] = y;
}

INLINE void store_sum(const Target* target, size_t row, int column, float sum) {
  store_activated(target, row, column, whole_sum(target, row, column, sum));
}

// Activates columns of C in which this group has stored whole sums; all items must come here. Where
// registers are short, a second visit costs less than the code of the activation beside the sums.
INLINE void activate_columns(const Target* target, int rows, int first_column, int columns) {
  GLOBAL_BARRIER;
  for (int i = ITEM; target->activation != NOT_ACTIVATED && i < rows * columns; i += GROUP_ITEMS) {
    size_t row = i / columns;
    int column = first_column + i % columns;
    store_activated(target, row, column, target->c[row * target->c_stride + column]);
  }
}
