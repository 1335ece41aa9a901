package io.shardfire.worker.model;

import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Names, shapes and initial values of a GPT-2 model's parameters, as Hugging Face's GPT2LMHeadModel
 * saves them: linear weights are stored input by output.
 *
 * <pre>
 * D width, V vocabulary size, T context, L layers; every name starts with "transformer."
 *
 * unit "embedding"  wte.weight [V,D]              wpe.weight [T,D]
 * unit "block-l"    h.l.ln_1.weight [D]           h.l.ln_1.bias [D]
 *                   h.l.attn.c_attn.weight [D,3D] h.l.attn.c_attn.bias [3D]
 *                   h.l.attn.c_proj.weight [D,D]  h.l.attn.c_proj.bias [D]
 *                   h.l.ln_2.weight [D]           h.l.ln_2.bias [D]
 *                   h.l.mlp.c_fc.weight [D,4D]    h.l.mlp.c_fc.bias [4D]
 *                   h.l.mlp.c_proj.weight [4D,D]  h.l.mlp.c_proj.bias [D]
 * unit "head"       ln_f.weight [D]               ln_f.bias [D]
 * </pre>
 *
 * <p>The unembedding is wte.weight. Weight decay applies to the matrices and both embeddings.
 */
public final class Gpt2Parameters {
  /** What every tensor name starts with. */
  public static final String PREFIX = "transformer.";

  /** Deviation of the initial weights (Radford et al., 2019). */
  private static final double DEVIATION = 0.02;

  private Gpt2Parameters() {}

  /** All units: embedding, block-0 to block-(L-1), head. */
  public static List<UnitSpec> units(Gpt2Configuration model) {
    if (model.vocabularySize() < 1) {
      throw new IllegalArgumentException(
          "The vocabulary size must be known before parameters are laid out; take it from the"
              + " prepared corpus: vocabularySize="
              + model.vocabularySize());
    }
    int width = model.width();
    List<UnitSpec> units = new ArrayList<>();
    units.add(
        new UnitSpec(
            "embedding",
            List.of(
                matrix("wte.weight", model.vocabularySize(), width),
                matrix("wpe.weight", model.context(), width))));
    for (int layer = 0; layer < model.layers(); layer++) {
      units.add(new UnitSpec("block-" + layer, block("h." + layer + ".", width)));
    }
    units.add(
        new UnitSpec("head", List.of(vector("ln_f.weight", width), vector("ln_f.bias", width))));
    return List.copyOf(units);
  }

  private static List<TensorSpec> block(String prefix, int width) {
    return List.of(
        matrix(prefix + "attn.c_attn.weight", width, 3 * width),
        matrix(prefix + "attn.c_proj.weight", width, width),
        matrix(prefix + "mlp.c_fc.weight", width, 4 * width),
        matrix(prefix + "mlp.c_proj.weight", 4 * width, width),
        vector(prefix + "ln_1.weight", width),
        vector(prefix + "ln_1.bias", width),
        vector(prefix + "attn.c_attn.bias", 3 * width),
        vector(prefix + "attn.c_proj.bias", width),
        vector(prefix + "ln_2.weight", width),
        vector(prefix + "ln_2.bias", width),
        vector(prefix + "mlp.c_fc.bias", 4 * width),
        vector(prefix + "mlp.c_proj.bias", width));
  }

  private static TensorSpec matrix(String name, int rows, int columns) {
    return new TensorSpec(PREFIX + name, List.of(rows, columns), true);
  }

  private static TensorSpec vector(String name, int size) {
    return new TensorSpec(PREFIX + name, List.of(size), false);
  }

  /** The name as people write it, without the prefix: {@code h.3.attn.c_attn.weight}. */
  public static String shortName(String name) {
    return name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
  }

  /**
   * Writes the initial values: weights normal with deviation 0.02, those of projections into the
   * residual stream scaled by 1/sqrt(2L), biases 0, LayerNorm weights 1. A value depends only on
   * the seed, its tensor's name and its position in the tensor.
   */
  public static void initialize(
      Gpt2Configuration model, ShardLayout layout, long seed, float[] parameters) {
    double residualDeviation = DEVIATION / StrictMath.sqrt(2.0 * model.layers());
    for (UnitSpec unit : layout.units()) {
      for (TensorSpec tensor : unit.tensors()) {
        String name = tensor.name();
        FlatRange range = layout.tensor(name);
        if (tensor.shape().size() > 1) {
          double deviation = name.endsWith("c_proj.weight") ? residualDeviation : DEVIATION;
          CounterRandom.fillNormal(
              CounterRandom.mix(seed, name), deviation, parameters, range.offset(), range.length());
        } else {
          float value = name.endsWith(".weight") ? 1 : 0;
          Arrays.fill(parameters, range.offset(), range.end(), value);
        }
      }
    }
  }
}
