// Operands of a product in fp16: floats rounded to binary16 and back, once for all tiles that read them.
// No CPU device multiplies fp16 faster than fp32, so the products of matmul.cl read the copies.
//
//   matrix: rows of `columns` floats, `stride` apart; a batch of matrices, batch strides apart
//   copy:   the rows of one matrix after the other, without gaps
//   tile:   as many rows of one matrix as make some ELEMENTS_PER_TILE floats
//
//   arguments: 0 matrix, 2 copy, 4 rows, 5 columns, 6 stride, 7 rows of a tile, 8 tiles of a matrix,
//              9 batch stride of the matrix

INLINE void fp16_round(const Command* command, int tile) {
  size_t matrix = tile / INT(8);
  int columns = INT(5);
  int first_row = tile % INT(8) * INT(7);
  int end_row = min(INT(4), first_row + INT(7));
  for (int row = first_row; row < end_row; row++) {
    const_global_floats from = SPAN(0) + matrix * INT(9) + (size_t)row * INT(6);
    global_floats to = SPAN(2) + (matrix * INT(4) + row) * columns;
    FOR_VECTORS(i, 0, columns) {
      PREFETCH(from + i);
      STORE_WITHIN(AS_VEC(from_fp16(to_fp16(LOAD(from + i)))), to + i, columns - i);
    }
  }
}
