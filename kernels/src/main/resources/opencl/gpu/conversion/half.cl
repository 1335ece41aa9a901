// GPU forms of packing and unpacking 16-bit floats, a word per item; their bits:
// common/conversion/half_bits.cl; arguments: cpu/conversion/half.cl.

KERNEL(half_pack) {
  BEGIN_KERNEL;
  const_global_floats x = SPAN(0);
  global_floats words = SPAN(2);
  long length = INT(4);
  int bf16 = INT(5);
  FOR_ELEMENTS(i, (length + 1) / 2) {
    float first = x[2 * i];
    float second = 2 * i + 1 < length ? x[2 * i + 1] : 0.0f;
    uint word = bf16 ? to_bf16(first) | (to_bf16(second) << 16)
                     : to_fp16(first) | (to_fp16(second) << 16);
    words[i] = as_float(word);
  }
}

KERNEL(half_unpack) {
  BEGIN_KERNEL;
  const_global_floats words = SPAN(0);
  global_floats x = SPAN(2);
  int bf16 = INT(5);
  FOR_ELEMENTS(i, INT(4)) {
    uint word = as_uint(words[i / 2]);
    uint half_bits = i % 2 == 0 ? word & 0xffffu : word >> 16;
    x[i] = as_float(bf16 ? half_bits << 16 : from_fp16(half_bits));
  }
}
