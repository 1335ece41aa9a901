// GPU form of the rotary position embedding: a group per row, an item per pair. Formulas and
// arguments: cpu/position/rope.cl.

KERNEL(rope) {
  BEGIN_KERNEL;
  const_global_floats starts = SPAN(4);
  int heads = INT(10);
  int head_size = INT(11);
  int pairs = INT(12) / 2;
  int interleaved = INT(13);
  int rest = head_size - 2 * pairs;
  float sign = FLOAT(16);
  FOR_PIECES(row, INT(8)) {
    const_global_floats x = SPAN(0) + (size_t)row * INT(14);
    global_floats y = SPAN(6) + (size_t)row * INT(15);
    float position = (starts ? starts[row / INT(9)] : 0.0f) + row % INT(9);
    int valid = valid_id(position, INT(17));
    const_global_floats turns = SPAN(2) + (valid ? (size_t)(int)position * 2 * pairs : 0);
    FOR_VECTORS(k, 0, heads * pairs) {
      int i = k % pairs;
      int first = k / pairs * head_size + (interleaved ? 2 * i : i);
      int second = first + (interleaved ? 1 : pairs);
      float a = x[first];
      float b = x[second];
      float cosine = turns[i];
      float sine = turns[pairs + i] * sign;
      y[first] = valid ? fma(-b, sine, a * cosine) : NAN;
      y[second] = valid ? fma(a, sine, b * cosine) : NAN;
    }
    FOR_VECTORS(k, 0, heads * rest) {
      int i = k / rest * head_size + 2 * pairs + k % rest;
      y[i] = valid ? x[i] : NAN;
    }
  }
}
