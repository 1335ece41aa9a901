// GPU form of the throughput of exp: every item of a group runs the loop of a tile.

#define EXP_CHAINS 8

KERNEL(exp_peak) {
  __local float scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  int rounds = INT(2);
  FOR_PIECES(tile, command->words[2]) {
    float c[EXP_CHAINS];
    for (int k = 0; k < EXP_CHAINS; k++) {
      c[k] = FLOAT(3) / (ITEM + k + 1);
    }
    for (int i = 0; i < rounds; i++) {
      for (int k = 0; k < EXP_CHAINS; k++) {
        c[k] = exp_vec(-c[k]);
      }
    }
    float sum = 0.0f;
    for (int k = 0; k < EXP_CHAINS; k++) {
      sum += c[k];
    }
    sum = group_sum(sum, scratch);
    if (ITEM == 0) {
      SPAN(0)[tile] = sum;
    }
  }
}
