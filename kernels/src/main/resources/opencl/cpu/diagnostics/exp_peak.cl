// The fastest the device can compute exponentials: with the bandwidth of a copy, the floor of GELU,
// SiLU, softmax and cross-entropy in a benchmark.
//
//   Eight independent chains x = e^-x, which stay between 0 and 1; nothing is loaded in the loop. A
//   tile is 8 * LANES * rounds exponentials.
//
//   arguments: 0 out (one float per tile), 2 rounds, 3 start

INLINE void exp_peak(const Command* command, int tile) {
  vec c0 = (vec)(FLOAT(3));
  vec c1 = c0 * 0.9f, c2 = c0 * 0.8f, c3 = c0 * 0.7f;
  vec c4 = c0 * 0.6f, c5 = c0 * 0.5f, c6 = c0 * 0.4f, c7 = c0 * 0.3f;
  int rounds = INT(2);
  for (int i = 0; i < rounds; i++) {
    c0 = exp_vec(-c0);
    c1 = exp_vec(-c1);
    c2 = exp_vec(-c2);
    c3 = exp_vec(-c3);
    c4 = exp_vec(-c4);
    c5 = exp_vec(-c5);
    c6 = exp_vec(-c6);
    c7 = exp_vec(-c7);
  }
  SPAN(0)[tile] = sum_of_lanes(c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7);
}
