// The side of the tiles in the next file: 128, where that leaves tiles enough to fill the device.
#undef MATMUL_SIDE
#define MATMUL_SIDE 128
