package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Span;

/**
 * Weights W[outputs, inputs] in few bits. Outputs lie in panels of 16; see {@code
 * common/matmul/quantized.cl} for a picture.
 *
 * @param words bits of the levels; not numbers
 * @param scales of each output, or of its groups
 */
public record QuantizedMatrix(
    WeightFormat format, int outputs, int inputs, Span words, Span scales) {
  /**
   * Checks the lengths.
   *
   * @throws IllegalArgumentException naming the operand and its length
   */
  public QuantizedMatrix {
    Operands operands =
        new Operands("QuantizedMatrix")
            .require(format.quantizes(), "must be INT8 or INT4", "format", format)
            .positive("outputs", outputs)
            .positive("inputs", inputs);
    operands
        .exactly("words", words, Math.toIntExact(format.words(outputs, inputs)))
        .exactly("scales", scales, Math.toIntExact(format.scales(outputs, inputs)))
        .disjoint("words", words, "scales", scales);
  }

  /** Shows the device what the host wrote. */
  public void upload() {
    words.upload();
    scales.upload();
  }
}
