package io.shardfire.worker.model.reference;

import static io.shardfire.worker.model.reference.DenseMath.add;
import static io.shardfire.worker.model.reference.DenseMath.columnSums;
import static io.shardfire.worker.model.reference.DenseMath.linear;
import static io.shardfire.worker.model.reference.DenseMath.normalize;
import static io.shardfire.worker.model.reference.DenseMath.normalizeBackward;
import static io.shardfire.worker.model.reference.DenseMath.product;
import static io.shardfire.worker.model.reference.DenseMath.transpose;

import io.shardfire.worker.model.Gpt2Configuration;
import java.util.Map;

/** One transformer block; keeps its activations between forward and backward. */
final class BlockReference {
  private final Gpt2Configuration model;
  private final int rows;
  private final String prefix;
  private final Map<String, double[]> parameters;
  private final DropoutFactors dropout;
  private final AttentionReference attention;
  private final int branchStream;

  private double[] input;
  private double[] norm1;
  private double[] qkv;
  private double[] attended;
  private double[] middle;
  private double[] norm2;
  private double[] hidden;
  private double[] activated;

  BlockReference(
      Gpt2Configuration model,
      int batch,
      int time,
      int layer,
      Map<String, double[]> parameters,
      DropoutFactors dropout) {
    this.model = model;
    this.rows = batch * time;
    this.prefix = "transformer.h." + layer + ".";
    this.parameters = parameters;
    this.dropout = dropout;
    // Streams count the model's dropout sites in forward order, the embedding's being 0.
    this.attention = new AttentionReference(model, batch, time, dropout, 3 * layer + 1);
    this.branchStream = 3 * layer + 2;
  }

  double[] forward(double[] x) {
    int width = model.width();
    double epsilon = model.layerNormEpsilon();
    input = x;
    norm1 = normalize(x, weight("ln_1.weight"), weight("ln_1.bias"), width, epsilon);
    qkv = affine(norm1, "attn.c_attn", width, 3 * width);
    attended = attention.forward(qkv);
    middle = x.clone();
    add(middle, dropped(affine(attended, "attn.c_proj", width, width), branchStream));
    norm2 = normalize(middle, weight("ln_2.weight"), weight("ln_2.bias"), width, epsilon);
    hidden = affine(norm2, "mlp.c_fc", width, 4 * width);
    activated = new double[hidden.length];
    for (int i = 0; i < hidden.length; i++) {
      activated[i] = DenseMath.gelu(hidden[i]);
    }
    double[] output = middle.clone();
    add(output, dropped(affine(activated, "mlp.c_proj", 4 * width, width), branchStream + 1));
    return output;
  }

  double[] backward(double[] gradOutput, Map<String, double[]> gradients) {
    int width = model.width();
    double[] gradMiddle = gradOutput.clone();
    double[] gradHidden =
        affineBackward(
            dropped(gradOutput, branchStream + 1),
            activated,
            "mlp.c_proj",
            4 * width,
            width,
            gradients);
    for (int i = 0; i < gradHidden.length; i++) {
      gradHidden[i] *= DenseMath.geluSlope(hidden[i]);
    }
    double[] gradNorm2 = affineBackward(gradHidden, norm2, "mlp.c_fc", width, 4 * width, gradients);
    add(gradMiddle, normBackward(middle, "ln_2", gradNorm2, gradients));

    double[] gradInput = gradMiddle.clone();
    double[] gradAttended =
        affineBackward(
            dropped(gradMiddle, branchStream), attended, "attn.c_proj", width, width, gradients);
    double[] gradQkv = attention.backward(qkv, gradAttended);
    double[] gradNorm1 = affineBackward(gradQkv, norm1, "attn.c_attn", width, 3 * width, gradients);
    add(gradInput, normBackward(input, "ln_1", gradNorm1, gradients));
    return gradInput;
  }

  private double[] weight(String name) {
    return parameters.get(prefix + name);
  }

  private double[] affine(double[] x, String name, int inputs, int outputs) {
    return linear(x, weight(name + ".weight"), weight(name + ".bias"), rows, inputs, outputs);
  }

  private double[] affineBackward(
      double[] gradY,
      double[] x,
      String name,
      int inputs,
      int outputs,
      Map<String, double[]> gradients) {
    add(
        gradients.get(prefix + name + ".weight"),
        product(transpose(x, rows, inputs), gradY, inputs, rows, outputs));
    add(gradients.get(prefix + name + ".bias"), columnSums(gradY, outputs));
    double[] weight = transpose(weight(name + ".weight"), inputs, outputs);
    return product(gradY, weight, rows, outputs, inputs);
  }

  private double[] normBackward(
      double[] x, String name, double[] gradY, Map<String, double[]> gradients) {
    return normalizeBackward(
        x,
        weight(name + ".weight"),
        model.width(),
        model.layerNormEpsilon(),
        gradY,
        gradients.get(prefix + name + ".weight"),
        gradients.get(prefix + name + ".bias"));
  }

  private double[] dropped(double[] x, int stream) {
    double[] y = x.clone();
    for (int i = 0; i < y.length; i++) {
      y[i] *= dropout.element(stream, i);
    }
    return y;
  }
}
