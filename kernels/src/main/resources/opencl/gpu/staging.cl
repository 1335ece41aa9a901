// Copies between the staging arrays, which the driver transfers around a call, and what stays on
// the device: the arenas and the command table.
//
//   stage_in     arenas[arena][offset + i] = staging[i]
//   stage_words  table[offset + i] = staging[i]
//   stage_out    staging[i] = arenas[arena][offset + i], then the launches counted so far and a
//                nonce, by which the host knows that the device really ran them

KERNEL_OF stage_in(KERNEL_ARGUMENTS, const __global float* staging, int offset, int count,
                   int arena) {
  global_floats arenas[ARENAS] = ARENA_POINTERS;
  COUNT_LAUNCH;
  FOR_ELEMENTS(i, count) { arenas[arena][offset + i] = staging[i]; }
}

KERNEL_OF stage_words(KERNEL_ARGUMENTS, const __global int* staging, int offset, int count) {
  COUNT_LAUNCH;
  FOR_ELEMENTS(i, count) { table[offset + i] = staging[i]; }
}

KERNEL_OF stage_out(KERNEL_ARGUMENTS, __global float* staging, int offset, int count, int arena,
                    int nonce) {
  global_floats arenas[ARENAS] = ARENA_POINTERS;
  COUNT_LAUNCH;
  FOR_ELEMENTS(i, count) { staging[i] = arenas[arena][offset + i]; }
  if (get_global_id(0) == 0) {
    staging[count] = table[CONTROL_LAUNCHED];
    staging[count + 1] = nonce;
  }
}
