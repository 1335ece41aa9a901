package io.shardfire.worker.model.reference;

import static io.shardfire.worker.model.reference.DenseMath.add;
import static io.shardfire.worker.model.reference.DenseMath.normalize;
import static io.shardfire.worker.model.reference.DenseMath.normalizeBackward;
import static io.shardfire.worker.model.reference.DenseMath.product;
import static io.shardfire.worker.model.reference.DenseMath.transpose;

import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.model.Gpt2Configuration;
import io.shardfire.worker.model.Gpt2Parameters;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * GPT-2 forward and backward in plain Java and double precision. M rows (batch times time), D
 * width, V vocabulary. Tensors are row-major and named as in {@link Gpt2Parameters}. Stateless
 * between calls.
 */
public record Gpt2Reference(Gpt2Configuration model, int batch, int time, DropoutFactors dropout) {
  private static final String TOKENS = "transformer.wte.weight";
  private static final String POSITIONS = "transformer.wpe.weight";
  private static final String NORM = "transformer.ln_f";

  /** Per-row losses [M] and the gradient of their scaled sum for every tensor. */
  public static final class Result {
    private final double[] losses;
    private final Map<String, double[]> gradients;

    private Result(double[] losses, Map<String, double[]> gradients) {
      this.losses = losses;
      this.gradients = gradients;
    }

    /** One loss per row. */
    public double[] losses() {
      return losses;
    }

    /** Gradients by tensor name, in unit order. */
    public Map<String, double[]> gradients() {
      return gradients;
    }
  }

  /** Logits [M,V]. */
  public double[] logits(Map<String, double[]> parameters, int[] ids) {
    return unembed(parameters, norm(parameters, stream(parameters, blocks(parameters), ids)));
  }

  /** Losses and gradients, each row's loss multiplied by {@code scale} before differentiation. */
  public Result backward(Map<String, double[]> parameters, int[] ids, int[] targets, double scale) {
    int rows = batch * time;
    int width = model.width();
    int vocabulary = model.vocabularySize();
    double[] tokens = parameters.get(TOKENS);
    Map<String, double[]> gradients = zeroGradients();

    List<BlockReference> blocks = blocks(parameters);
    double[] stream = stream(parameters, blocks, ids);
    double[] normalised = norm(parameters, stream);
    double[] logits = unembed(parameters, normalised);
    double[] losses = new double[rows];
    double[] gradLogits = new double[logits.length];
    for (int row = 0; row < rows; row++) {
      losses[row] = crossEntropy(logits, gradLogits, row, targets[row], scale);
    }

    add(
        gradients.get(TOKENS),
        product(transpose(gradLogits, rows, vocabulary), normalised, vocabulary, rows, width));
    double[] gradNorm = product(gradLogits, tokens, rows, vocabulary, width);
    double[] gradStream =
        normalizeBackward(
            stream,
            parameters.get(NORM + ".weight"),
            width,
            model.layerNormEpsilon(),
            gradNorm,
            gradients.get(NORM + ".weight"),
            gradients.get(NORM + ".bias"));
    for (int layer = model.layers() - 1; layer >= 0; layer--) {
      gradStream = blocks.get(layer).backward(gradStream, gradients);
    }
    for (int i = 0; i < gradStream.length; i++) {
      double gradient = gradStream[i] * dropout.element(0, i);
      int row = i / width;
      gradients.get(TOKENS)[ids[row] * width + i % width] += gradient;
      gradients.get(POSITIONS)[row % time * width + i % width] += gradient;
    }
    return new Result(losses, gradients);
  }

  private List<BlockReference> blocks(Map<String, double[]> parameters) {
    List<BlockReference> blocks = new ArrayList<>();
    for (int layer = 0; layer < model.layers(); layer++) {
      blocks.add(new BlockReference(model, batch, time, layer, parameters, dropout));
    }
    return blocks;
  }

  /** The residual stream behind the last block [M,D]. */
  private double[] stream(
      Map<String, double[]> parameters, List<BlockReference> blocks, int[] ids) {
    int width = model.width();
    double[] tokens = parameters.get(TOKENS);
    double[] positions = parameters.get(POSITIONS);
    double[] x = new double[batch * time * width];
    for (int i = 0; i < x.length; i++) {
      int row = i / width;
      int column = i % width;
      x[i] = tokens[ids[row] * width + column] + positions[row % time * width + column];
      x[i] *= dropout.element(0, i);
    }
    for (BlockReference block : blocks) {
      x = block.forward(x);
    }
    return x;
  }

  private double[] norm(Map<String, double[]> parameters, double[] stream) {
    double[] weight = parameters.get(NORM + ".weight");
    double[] bias = parameters.get(NORM + ".bias");
    return normalize(stream, weight, bias, model.width(), model.layerNormEpsilon());
  }

  private double[] unembed(Map<String, double[]> parameters, double[] normalised) {
    int width = model.width();
    int vocabulary = model.vocabularySize();
    double[] unembedding = transpose(parameters.get(TOKENS), vocabulary, width);
    return product(normalised, unembedding, batch * time, width, vocabulary);
  }

  private double crossEntropy(
      double[] logits, double[] gradLogits, int row, int target, double scale) {
    int vocabulary = model.vocabularySize();
    int from = row * vocabulary;
    double largest = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < vocabulary; j++) {
      largest = Math.max(largest, logits[from + j]);
    }
    double sum = 0;
    for (int j = 0; j < vocabulary; j++) {
      sum += StrictMath.exp(logits[from + j] - largest);
    }
    for (int j = 0; j < vocabulary; j++) {
      double probability = StrictMath.exp(logits[from + j] - largest) / sum;
      gradLogits[from + j] = scale * (probability - (j == target ? 1 : 0));
    }
    return StrictMath.log(sum) + largest - logits[from + target];
  }

  private Map<String, double[]> zeroGradients() {
    Map<String, double[]> gradients = new LinkedHashMap<>();
    for (UnitSpec unit : Gpt2Parameters.units(model)) {
      for (TensorSpec tensor : unit.tensors()) {
        gradients.put(tensor.name(), new double[Math.toIntExact(tensor.elements())]);
      }
    }
    return gradients;
  }
}
