// The side of the tiles in the next file: 64, where there are few.
#undef MATMUL_SIDE
#define MATMUL_SIDE 64
