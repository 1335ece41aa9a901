package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Span;
import java.util.Arrays;

/**
 * Rounds weights to levels times scales, on the host.
 *
 * <pre>
 *   INT8   scale = largest |w| / 127               of an output
 *   INT4   scale = w of the largest |w| / -8       of 32 weights of an output; the first of equals
 *          level = w / scale, to nearest, ties to even, and within the range of the format
 * </pre>
 *
 * Weights whose scale would be below the normal numbers become zeros. INT4's largest weight is
 * exact; one of the other sign that is nearly as large is off by up to a whole level, for the range
 * has no 8.
 */
public final class WeightQuantizer {
  private final WeightFormat format;
  private final int outputs;
  private final int inputs;

  /** Weights that share a scale, and their levels. */
  private final int group;

  private final int[] levels;

  /** A quantiser of matrices of one size. Not thread-safe. */
  public WeightQuantizer(WeightFormat format, int outputs, int inputs) {
    this.format = format;
    this.outputs = outputs;
    this.inputs = inputs;
    group = format == WeightFormat.INT8 ? inputs : WeightFormat.GROUP;
    levels = new int[Math.min(group, inputs)];
  }

  /** Weights in an array, wherever an output and an input lie. */
  public static final class Weights {
    private final float[] array;
    private final int offset;
    private final int outputStride;
    private final int inputStride;

    /** The first weight is at {@code offset}; others are so many strides behind it. */
    public Weights(float[] array, int offset, int outputStride, int inputStride) {
      this.array = array;
      this.offset = offset;
      this.outputStride = outputStride;
      this.inputStride = inputStride;
    }

    private int at(int output, int input) {
      return offset + output * outputStride + input * inputStride;
    }

    private float get(int output, int input) {
      return array[at(output, input)];
    }

    private void set(int output, int input, float weight) {
      array[at(output, input)] = weight;
    }
  }

  /**
   * Fills a matrix; the device sees it after {@link QuantizedMatrix#upload}.
   *
   * @throws IllegalArgumentException for a weight that is not finite, naming its place
   */
  public void quantize(Weights weights, QuantizedMatrix target) {
    new Operands("WeightQuantizer.quantize")
        .require(target.format() == format, "must be " + format, "format", target.format())
        .require(target.outputs() == outputs, "must be " + outputs, "outputs", target.outputs())
        .require(target.inputs() == inputs, "must be " + inputs, "inputs", target.inputs());
    clear(target.words());
    target.scales().fill(0, target.scales().length(), 0);
    int groups = format.groups(inputs);
    for (int output = 0; output < outputs; output++) {
      int panel = output / WeightFormat.PANEL;
      int lane = output % WeightFormat.PANEL;
      for (int number = 0; number < groups; number++) {
        int first = number * group;
        int count = Math.min(group, inputs - first);
        float scale = levelsOf(weights, output, first, count);
        target.scales().set((panel * groups + number) * WeightFormat.PANEL + lane, scale);
        if (format == WeightFormat.INT8) {
          putBytes(target.words(), panel, lane);
        } else {
          putNibbles(target.words(), panel * groups + number, lane, count);
        }
      }
    }
  }

  /**
   * Replaces each weight by what its level and scale stand for.
   *
   * @throws IllegalArgumentException for a weight that is not finite, naming its place
   */
  public void round(Weights weights) {
    for (int output = 0; output < outputs; output++) {
      for (int first = 0; first < inputs; first += group) {
        int count = Math.min(group, inputs - first);
        float scale = levelsOf(weights, output, first, count);
        for (int i = 0; i < count; i++) {
          weights.set(output, first + i, levels[i] * scale);
        }
      }
    }
  }

  /** Levels without a weight stand for zero. */
  private void clear(Span words) {
    int zeros = format == WeightFormat.INT8 ? 0 : 0x88888888;
    words.fill(0, words.length(), Float.intBitsToFloat(zeros));
  }

  /** Two inputs of an output are neighbours. */
  private void putBytes(Span words, int panel, int lane) {
    int perPair = WeightFormat.PANEL * 2 / Integer.BYTES;
    int word = panel * (words.length() / WeightFormat.panels(outputs)) + lane / 2;
    for (int i = 0; i < inputs; i++) {
      int shift = (lane % 2 * 2 + i % 2) * Byte.SIZE;
      put(words, word + i / 2 * perPair, (levels[i] & 0xff) << shift, 0xff << shift);
    }
  }

  /** Even inputs in the low half of a word, odd ones in the high half. */
  private void putNibbles(Span words, int panelGroup, int lane, int count) {
    int perWord = 8;
    int word = panelGroup * WeightFormat.GROUP / perWord * WeightFormat.PANEL + lane;
    for (int i = 0; i < count; i++) {
      int shift = i % perWord / 2 * 4 + i % 2 * Short.SIZE;
      put(words, word + i / perWord * WeightFormat.PANEL, (levels[i] + 8) << shift, 0xf << shift);
    }
  }

  private static void put(Span words, int index, int bits, int mask) {
    int old = Float.floatToRawIntBits(words.get(index));
    words.set(index, Float.intBitsToFloat((old & ~mask) | bits));
  }

  /** Computes the levels of weights that share a scale, and returns that. */
  private float levelsOf(Weights weights, int output, int first, int count) {
    float extreme = 0;
    for (int i = 0; i < count; i++) {
      float weight = weights.get(output, first + i);
      if (!(Math.abs(weight) <= Float.MAX_VALUE)) {
        throw new IllegalArgumentException(
            "A weight that is not finite cannot be quantised: output="
                + output
                + ", input="
                + (first + i)
                + ", weight="
                + weight);
      }
      if (Math.abs(weight) > Math.abs(extreme)) {
        extreme = weight;
      }
    }
    float scale =
        format == WeightFormat.INT8
            ? Math.abs(extreme) / format.highest()
            : extreme / format.lowest();
    if (Math.abs(scale) < Float.MIN_NORMAL) {
      Arrays.fill(levels, 0);
      return 0;
    }
    for (int i = 0; i < count; i++) {
      double level = Math.rint((double) weights.get(output, first + i) / scale);
      levels[i] = (int) Math.max(format.lowest(), Math.min(format.highest(), level));
    }
    return scale;
  }
}
