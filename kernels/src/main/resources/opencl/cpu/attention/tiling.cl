// Sizes shared by the attention kernels, and their use of local memory.
//
// Head h of a matrix lies at column h * head_size; head_size is any number up to 256. Panels of K^T
// have head_size rounded up to eight rows, those of K and V whole panels of columns: what is packed
// there belongs to the next head or row, and reaches only columns that are never stored.
//
// Blocks of keys shrink as heads grow, so that a block takes the same local memory for any of them:
//
//   head size          <= 64   <= 128   <= 256
//   forward keys         256      128       64        2 * 16384 + 48 * 256 + 2 * 384 floats
//   backward keys        128       64       32        5 *  8192 + 2 * 72 * (128 + 32) = 64000 floats

#define FORWARD_QUERIES 48
#define FORWARD_SLOTS 384  // eight floats for every strip of six of 256 rows and the rest of a strip block
#define BACKWARD_QUERIES 72
#define BACKWARD_KEYS 128

// Rows of a panel of a transposed block.
INLINE int panel_rows(int head_size) { return round_up(head_size, 8); }

INLINE int forward_keys(int head_size) {
  return head_size <= 64 ? 256 : head_size <= 128 ? 128 : 64;
}

INLINE int backward_keys(int head_size) {
  return head_size <= 64 ? BACKWARD_KEYS : head_size <= 128 ? 64 : 32;
}
