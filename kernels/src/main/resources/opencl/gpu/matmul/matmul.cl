// GPU forms of the matrix products, by tiles of 128 or 64 (gpu/matmul/tile.cl), whichever the launcher
// chose. Formulas: cpu/matmul/matmul.cl.

#define MATMUL_KERNEL(name, multiply_tiles, layout)                    \
  KERNEL(name) {                                                       \
    __local float slabs[MATMUL_SLABS] __attribute__((aligned(16)));    \
    BEGIN_KERNEL;                                                      \
    multiply_tiles(command, layout, slabs);                            \
  }

MATMUL_KERNEL(matmul_nn, multiply_tiles_128, LAYOUT_NN)
MATMUL_KERNEL(matmul_nt, multiply_tiles_128, LAYOUT_NT)
MATMUL_KERNEL(matmul_tn, multiply_tiles_128, LAYOUT_TN)
MATMUL_KERNEL(matmul_nn_small, multiply_tiles_64, LAYOUT_NN)
MATMUL_KERNEL(matmul_nt_small, multiply_tiles_64, LAYOUT_NT)
MATMUL_KERNEL(matmul_tn_small, multiply_tiles_64, LAYOUT_TN)
