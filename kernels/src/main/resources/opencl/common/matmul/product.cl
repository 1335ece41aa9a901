// The arguments of a matrix product C = A B, or of a batch of them, for both forms:
//
//   0 A, 2 B, 4 C, 6 bias or absent, 8 residual or absent, 10 m, 11 n, 12 k,
//   13 stride of A, 14 of B, 15 of C, 16 of the residual, 17 accumulate,
//   18 activation or NOT_ACTIVATED, 19 pre-activation or absent, 21 its stride
//
// and of the products that are not streamed also
//
//   22 rows per tile, 23 tiles of a product, batch strides: 24 of A, 25 of B, 26 of C,
//   27 of the bias, 28 of the residual, 29 of the pre-activation; 30 products; 31 to what operands are
//   rounded, which the CPU forms do elsewhere (cpu/matmul/bf16.cl, cpu/matmul/fp16.cl); 32 whether B is
//   stored in bf16 (common/conversion/numbers.cl), not of TN

#define LAYOUT_NN 0
#define LAYOUT_NT 1
#define LAYOUT_TN 2

#define NOT_ACTIVATED (-1)

#define ROUND_TO_BF16 1
#define ROUND_TO_FP16 2
