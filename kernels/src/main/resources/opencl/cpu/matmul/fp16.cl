// Operands of a product in fp16: floats rounded to binary16 and back, once for all tiles that read them.
// No CPU device multiplies fp16 faster than fp32, so the products of matmul.cl read the copies.
//
//   matrix: rows of `columns` floats, `stride` apart; a batch of matrices, batch strides apart
//   copy:   the rows of one matrix after the other, without gaps
//   tile:   as many rows of one matrix as make some ELEMENTS_PER_TILE floats
//
//   arguments: 0 matrix, 2 copy, 4 rows, 5 columns, 6 stride, 7 rows of a tile, 8 tiles of a matrix,
//              9 batch stride of the matrix, 10 whether it is stored in bf16

INLINE void fp16_round_rows(
    const Command* command, size_t matrix, int first_row, int end_row, const bool halved) {
  int columns = INT(5);
  stored_numbers first = numbers_from(numbers_of(SPAN(0)), matrix * INT(9), halved);
  for (int row = first_row; row < end_row; row++) {
    stored_numbers from = numbers_from(first, (size_t)row * INT(6), halved);
    global_floats to = SPAN(2) + (matrix * INT(4) + row) * columns;
    FOR_VECTORS(i, 0, columns) {
      stored_numbers numbers = numbers_from(from, i, halved);
      PREFETCH((const_global_floats)numbers);
      vec rounded = AS_VEC(from_fp16(to_fp16(load_numbers(numbers, halved))));
      STORE_WITHIN(rounded, to + i, columns - i);
    }
  }
}

INLINE void fp16_round(const Command* command, int tile) {
  size_t matrix = tile / INT(8);
  int first_row = tile % INT(8) * INT(7);
  int end_row = min(INT(4), first_row + INT(7));
  if (INT(10)) {
    fp16_round_rows(command, matrix, first_row, end_row, true);
  } else {
    fp16_round_rows(command, matrix, first_row, end_row, false);
  }
}
