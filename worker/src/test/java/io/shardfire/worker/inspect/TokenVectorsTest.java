package io.shardfire.worker.inspect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.worker.architecture.ModelConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenVectorsTest {
  private static final int WIDTH = 8;

  @TempDir Path folder;

  @Test
  void shouldFindTheNearestByTheirAngle() throws IOException {
    TokenVectors vectors = vectors();

    List<TokenVectors.Neighbour> nearest = vectors.nearest(vectors.mean(0), 3, Set.of(0));

    // Twice as long, but the same way; then two that share a dim; of equals, the smaller id.
    assertEquals(List.of(3, 4, 5), nearest.stream().map(TokenVectors.Neighbour::id).toList());
    assertEquals("s", nearest.get(0).label());
    assertEquals(1, nearest.get(0).cosine(), 1e-12);
    assertEquals(StrictMath.sqrt(0.5), nearest.get(1).cosine(), 1e-12);
    assertEquals(nearest.get(1).cosine(), nearest.get(2).cosine());
  }

  @Test
  void shouldSolveAnAnalogy() throws IOException {
    TokenVectors vectors = vectors();
    double[] sum = new double[WIDTH];
    for (int dim = 0; dim < WIDTH; dim++) {
      sum[dim] = vectors.mean(4)[dim] - vectors.mean(0)[dim] + vectors.mean(2)[dim];
    }

    // (e0 + e1) - e0 + e2 = e1 + e2.
    assertEquals(6, vectors.nearest(sum, 1, Set.of()).get(0).id());
  }

  @Test
  void shouldTakeTheMeanOfSeveralTokens() throws IOException {
    assertArrayEquals(new double[] {1, 0.5, 0, 0, 0, 0, 0, 0}, vectors().mean(0, 4, 4, 0), 1e-12);
    assertThrows(IllegalArgumentException.class, () -> vectors().mean());
  }

  @Test
  void shouldFindAVectorOfZerosNearNothing() throws IOException {
    TokenVectors vectors = vectors();

    assertEquals(0, vectors.nearest(vectors.mean(30), 1, Set.of()).get(0).cosine());
  }

  /** e0, e1, e2, 2 e0, e0 + e1, e0 + e2, e1 + e2, and zeros. */
  private TokenVectors vectors() throws IOException {
    float[] table = new float[SmallModel.VOCABULARY * WIDTH];
    int[][] ones = {{0}, {1}, {2}, {0, 0}, {0, 1}, {0, 2}, {1, 2}};
    for (int id = 0; id < ones.length; id++) {
      for (int dim : ones[id]) {
        table[id * WIDTH + dim]++;
      }
    }
    SmallModel small =
        SmallModel.filled(
            ModelConfiguration.gpt2(1, 1, WIDTH, 9, SmallModel.VOCABULARY, 0, 1e-5f),
            tensor ->
                tensor.name().endsWith("wte.weight") ? table : new float[(int) tensor.elements()]);
    try (OpenModel model = small.open(folder.resolve("model"))) {
      return TokenVectors.read(model);
    }
  }
}
