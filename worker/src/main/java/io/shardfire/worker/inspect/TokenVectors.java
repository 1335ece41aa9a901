package io.shardfire.worker.inspect;

import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The vectors that a model knows its tokens by: V vectors of D dims. Read without a device.
 * Thread-safe, until the tokenizer is closed.
 */
public final class TokenVectors {
  private final Tokenizer tokenizer;
  private final int count;
  private final int width;
  private final float[] table;

  private TokenVectors(Tokenizer tokenizer, int count, int width, float[] table) {
    this.tokenizer = tokenizer;
    this.count = count;
    this.width = width;
    this.table = table;
  }

  /** A text and its tokens; several together have the mean of their vectors. */
  public record Word(String text, List<Integer> ids) {
    /** Copies. */
    public Word {
      ids = List.copyOf(ids);
    }
  }

  /** A token and how near its vector is, as the cosine of the angle between them. */
  public record Neighbour(int id, String label, double cosine) {}

  /**
   * Reads the table.
   *
   * @throws io.shardfire.sharding.checkpoint.CheckpointException when the weights lack it
   */
  public static TokenVectors read(OpenModel model) {
    // Every family's first tensor is the table of its tokens.
    TensorSpec tensor = Architecture.units(model.model()).get(0).tensors().get(0);
    return new TokenVectors(
        model.tokenizer(),
        model.vocabularySize(),
        model.model().width(),
        model.weights().read(tensor));
  }

  /** V. */
  public int count() {
    return count;
  }

  /** D. */
  public int width() {
    return width;
  }

  /** Dim {@code dim} of a token's vector. */
  public float value(int id, int dim) {
    return table[id * width + dim];
  }

  /** As {@link Tokenizer#label}. */
  public String label(int id) {
    return tokenizer.label(id);
  }

  /**
   * Cuts a text into tokens.
   *
   * @throws IllegalArgumentException when it has none, or one that the model lacks
   */
  public Word word(String text) {
    Word word = new Word(text, Arrays.stream(tokenizer.encode(text)).boxed().toList());
    if (word.ids().isEmpty() || Collections.max(word.ids()) >= count) {
      throw new IllegalArgumentException(
          "A word has at least one token, all of which the model has vectors for: word='"
              + text
              + "', ids="
              + word.ids()
              + ", vectors="
              + count);
    }
    return word;
  }

  /** The tokens nearest to a word, but its own; the nearest first, of equals the smaller id. */
  public List<Neighbour> nearest(Word word, int most) {
    return nearest(vector(word), most, Set.copyOf(word.ids()));
  }

  /**
   * The tokens nearest to a - b + c, but those of the three: b is to a as c is to them (Mikolov et
   * al., 2013).
   */
  public List<Neighbour> analogy(Word a, Word b, Word c, int most) {
    double[] sum = vector(a);
    double[] minus = vector(b);
    double[] plus = vector(c);
    Set<Integer> asked = new HashSet<>(a.ids());
    asked.addAll(b.ids());
    asked.addAll(c.ids());
    for (int dim = 0; dim < width; dim++) {
      sum[dim] += plus[dim] - minus[dim];
    }
    return nearest(sum, most, asked);
  }

  private double[] vector(Word word) {
    double[] mean = new double[width];
    for (int id : word.ids()) {
      for (int dim = 0; dim < width; dim++) {
        mean[dim] += (double) value(id, dim) / word.ids().size();
      }
    }
    return mean;
  }

  private List<Neighbour> nearest(double[] vector, int most, Set<Integer> excluded) {
    double[] cosines = IntStream.range(0, count).mapToDouble(id -> cosine(vector, id)).toArray();
    return IntStream.range(0, count)
        .filter(id -> !excluded.contains(id))
        .boxed()
        .sorted(Comparator.comparingDouble((Integer id) -> cosines[id]).reversed())
        .limit(most)
        .map(id -> new Neighbour(id, label(id), cosines[id]))
        .toList();
  }

  /** 0 where one of the vectors is zero, for it points nowhere. */
  private double cosine(double[] vector, int id) {
    double dot = 0;
    double squares = 0;
    double others = 0;
    for (int dim = 0; dim < width; dim++) {
      double value = value(id, dim);
      dot += vector[dim] * value;
      squares += vector[dim] * vector[dim];
      others += value * value;
    }
    return squares == 0 || others == 0 ? 0 : dot / StrictMath.sqrt(squares * others);
  }
}
