package io.shardfire.kernels.reference;

/** Token and learned-position embedding; row r has position r mod time. */
public final class EmbeddingReference {
  private EmbeddingReference() {}

  /** out[r] = tokens[ids[r]] + positions[r mod time]; positions may be null. */
  public static double[] forward(
      int[] ids, double[] tokens, double[] positions, int time, int width) {
    double[] out = new double[ids.length * width];
    for (int row = 0; row < ids.length; row++) {
      for (int i = 0; i < width; i++) {
        double position = positions == null ? 0 : positions[row % time * width + i];
        out[row * width + i] = tokens[ids[row] * width + i] + position;
      }
    }
    return out;
  }

  /** Adds the rows of dx to dtokens and, unless it is null, to dpositions. */
  public static void backward(
      int[] ids, double[] dx, double[] dtokens, double[] dpositions, int time, int width) {
    for (int row = 0; row < ids.length; row++) {
      for (int i = 0; i < width; i++) {
        dtokens[ids[row] * width + i] += dx[row * width + i];
        if (dpositions != null) {
          dpositions[row % time * width + i] += dx[row * width + i];
        }
      }
    }
  }
}
