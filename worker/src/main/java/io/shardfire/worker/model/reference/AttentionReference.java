package io.shardfire.worker.model.reference;

import io.shardfire.worker.model.Gpt2Configuration;

/**
 * Causal self-attention, one query at a time. B batch, T time, H heads, d head size, D = H*d; qkv
 * rows hold query, key and value, 3D.
 */
record AttentionReference(
    Gpt2Configuration model, int batch, int time, DropoutFactors dropout, int stream) {

  /** qkv[B*T,3D] to [B*T,D]. */
  double[] forward(double[] qkv) {
    double[] out = new double[batch * time * model.width()];
    for (int b = 0; b < batch; b++) {
      for (int head = 0; head < model.heads(); head++) {
        for (int query = 0; query < time; query++) {
          double[] weights = weights(qkv, b, head, query);
          int row = (b * time + query) * model.width() + head * model.headSize();
          for (int key = 0; key <= query; key++) {
            double weight = weights[key] * factor(b, head, query, key);
            for (int i = 0; i < model.headSize(); i++) {
              out[row + i] += weight * qkv[at(b, key, 2, head) + i];
            }
          }
        }
      }
    }
    return out;
  }

  /** gradOut[B*T,D] to gradQkv[B*T,3D]. */
  double[] backward(double[] qkv, double[] gradOut) {
    double[] gradQkv = new double[qkv.length];
    for (int b = 0; b < batch; b++) {
      for (int head = 0; head < model.heads(); head++) {
        for (int query = 0; query < time; query++) {
          backward(qkv, gradOut, gradQkv, b, head, query);
        }
      }
    }
    return gradQkv;
  }

  private void backward(
      double[] qkv, double[] gradOut, double[] gradQkv, int b, int head, int query) {
    double[] weights = weights(qkv, b, head, query);
    double[] gradWeights = new double[query + 1];
    int row = (b * time + query) * model.width() + head * model.headSize();
    double dot = 0;
    for (int key = 0; key <= query; key++) {
      double factor = factor(b, head, query, key);
      for (int i = 0; i < model.headSize(); i++) {
        gradWeights[key] += factor * gradOut[row + i] * qkv[at(b, key, 2, head) + i];
        gradQkv[at(b, key, 2, head) + i] += factor * weights[key] * gradOut[row + i];
      }
      dot += gradWeights[key] * weights[key];
    }
    double scale = 1 / StrictMath.sqrt(model.headSize());
    for (int key = 0; key <= query; key++) {
      double gradScore = weights[key] * (gradWeights[key] - dot) * scale;
      for (int i = 0; i < model.headSize(); i++) {
        gradQkv[at(b, query, 0, head) + i] += gradScore * qkv[at(b, key, 1, head) + i];
        gradQkv[at(b, key, 1, head) + i] += gradScore * qkv[at(b, query, 0, head) + i];
      }
    }
  }

  /** Softmax over keys 0 to query. */
  private double[] weights(double[] qkv, int b, int head, int query) {
    double[] weights = new double[query + 1];
    double largest = Double.NEGATIVE_INFINITY;
    for (int key = 0; key <= query; key++) {
      double score = 0;
      for (int i = 0; i < model.headSize(); i++) {
        score += qkv[at(b, query, 0, head) + i] * qkv[at(b, key, 1, head) + i];
      }
      weights[key] = score / StrictMath.sqrt(model.headSize());
      largest = Math.max(largest, weights[key]);
    }
    double sum = 0;
    for (int key = 0; key <= query; key++) {
      weights[key] = StrictMath.exp(weights[key] - largest);
      sum += weights[key];
    }
    for (int key = 0; key <= query; key++) {
      weights[key] /= sum;
    }
    return weights;
  }

  private double factor(int b, int head, int query, int key) {
    long row = ((long) b * model.heads() + head) * time + query;
    return dropout.attention(stream, row, key);
  }

  /** Where part (0 query, 1 key, 2 value) of a head starts. */
  private int at(int b, int position, int part, int head) {
    return ((b * time + position) * 3 + part) * model.width() + head * model.headSize();
  }
}
