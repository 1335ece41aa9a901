// GPU form of the multiply-add ceiling: every item of a group runs the loop of a tile.

KERNEL(multiply_add_peak) {
  __local float scratch[GROUP_ITEMS];
  BEGIN_KERNEL;
  float x = FLOAT(3);
  int rounds = INT(2);
  FOR_PIECES(tile, command->words[2]) {
    float y = 1e-9f * (ITEM + 1);
    float c[12];
    for (int k = 0; k < 12; k++) {
      c[k] = y;
    }
    for (int i = 0; i < rounds; i++) {
      for (int k = 0; k < 12; k++) {
        c[k] = fma(c[k], x, y);
      }
    }
    float sum = 0.0f;
    for (int k = 0; k < 12; k++) {
      sum += c[k];
    }
    sum = group_sum(sum, scratch);
    if (ITEM == 0) {
      SPAN(0)[tile] = sum;
    }
  }
}
