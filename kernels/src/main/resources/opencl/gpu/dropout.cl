// GPU form of inverted dropout: the same mask as cpu/dropout/dropout.cl, one element per item.

KERNEL(dropout) {
  BEGIN_KERNEL;
  const_global_floats x = SPAN(0);
  const_global_floats residual = SPAN(2);
  global_floats y = SPAN(4);
  Dropout mask = dropout_argument(command, 6);
  FOR_ELEMENTS(i, INT(11)) {
    DropoutSeeds seeds = dropout_seeds(mask, (ulong)(i / DROPOUT_ROW));
    float value = x[i] * dropout_factors(mask, seeds, (uint)(i % DROPOUT_ROW));
    y[i] = residual ? value + residual[i] : value;
  }
}
