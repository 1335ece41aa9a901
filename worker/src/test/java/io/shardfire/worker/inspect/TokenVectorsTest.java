package io.shardfire.worker.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.worker.architecture.ModelConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenVectorsTest {
  private static final int WIDTH = 8;

  @TempDir Path folder;

  @Test
  void shouldFindTheNearestByTheirAngle() throws IOException {
    TokenVectors vectors = vectors();

    List<TokenVectors.Neighbour> nearest = vectors.nearest(vectors.word("p"), 3);

    // Twice as long, but the same way; then two that share a dim; of equals, the smaller id.
    assertEquals(List.of(3, 4, 5), nearest.stream().map(TokenVectors.Neighbour::id).toList());
    assertEquals("s", nearest.get(0).label());
    assertEquals(1, nearest.get(0).cosine(), 1e-12);
    assertEquals(StrictMath.sqrt(0.5), nearest.get(1).cosine(), 1e-12);
    assertEquals(nearest.get(1).cosine(), nearest.get(2).cosine());
  }

  @Test
  void shouldTakeTheMeanOfSeveralTokens() throws IOException {
    TokenVectors vectors = vectors();

    TokenVectors.Word word = vectors.word("pqq");

    assertEquals(List.of(0, 1, 1), word.ids());
    // (e0 + 2 e1) / 3 and e0 + e1, then (e1 + e2).
    List<TokenVectors.Neighbour> nearest = vectors.nearest(word, 2);
    assertEquals(4, nearest.get(0).id());
    assertEquals(3 / StrictMath.sqrt(10), nearest.get(0).cosine(), 1e-12);
    assertEquals(6, nearest.get(1).id());
    assertEquals(2 / StrictMath.sqrt(10), nearest.get(1).cosine(), 1e-12);
  }

  @Test
  void shouldSolveAnAnalogy() throws IOException {
    TokenVectors vectors = vectors();

    // (e0 + e1) - e0 + e2 = e1 + e2.
    TokenVectors.Neighbour solved =
        vectors.analogy(vectors.word("t"), vectors.word("p"), vectors.word("r"), 1).get(0);
    assertEquals(6, solved.id());
    assertEquals(1, solved.cosine(), 1e-12);
    // e1 - e1 + e0, of whose way is 2 e0 besides.
    assertEquals(
        3, vectors.analogy(vectors.word("q"), vectors.word("q"), vectors.word("p"), 1).get(0).id());
  }

  @Test
  void shouldFindAVectorOfZerosNearNothing() throws IOException {
    TokenVectors vectors = vectors();

    assertEquals(0, vectors.nearest(vectors.word("\u008E"), 1).get(0).cosine());
  }

  @Test
  void shouldRefuseAWordWithoutTokens() throws IOException {
    TokenVectors vectors = vectors();

    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> vectors.word(""));
    assertEquals(
        "A word has at least one token, all of which the model has vectors for: word='', ids=[],"
            + " vectors=31",
        thrown.getMessage());
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
            ModelConfiguration.decoder(1, 1, WIDTH, 9)
                .vocabularySize(SmallModel.VOCABULARY)
                .build(),
            tensor ->
                tensor.name().endsWith("wte.weight") ? table : new float[(int) tensor.elements()]);
    try (OpenModel model = small.open(folder.resolve("model"))) {
      return TokenVectors.read(model);
    }
  }
}
