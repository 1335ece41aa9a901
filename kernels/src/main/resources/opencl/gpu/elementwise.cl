// GPU forms of copy, fill and sum of flat spans, and of scale. Arguments: cpu/elementwise/.

KERNEL(copy) {
  BEGIN_KERNEL;
  const_global_floats x = SPAN(0);
  global_floats y = SPAN(2);
  FOR_ELEMENTS(i, INT(4)) { y[i] = x[i]; }
}

KERNEL(fill) {
  BEGIN_KERNEL;
  global_floats y = SPAN(0);
  float value = FLOAT(3);
  FOR_ELEMENTS(i, INT(2)) { y[i] = value; }
}

KERNEL(add) {
  BEGIN_KERNEL;
  const_global_floats a = SPAN(0);
  const_global_floats b = SPAN(2);
  global_floats out = SPAN(4);
  FOR_ELEMENTS(i, INT(6)) { out[i] = a[i] + b[i]; }
}

KERNEL(scale) {
  BEGIN_KERNEL;
  const_global_floats x = SPAN(0);
  const_global_floats factor = SPAN(2);
  global_floats y = SPAN(4);
  float multiplier = FLOAT(7) * (factor ? factor[0] : 1.0f);
  FOR_ELEMENTS(i, INT(6)) { y[i] = x[i] * multiplier; }
}
