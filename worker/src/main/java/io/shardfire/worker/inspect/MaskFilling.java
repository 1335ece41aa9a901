package io.shardfire.worker.inspect;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.worker.nn.BatchSpans;
import io.shardfire.worker.program.ProgramRecorder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What an encoder thinks is hidden in a text.
 *
 * @param gaps one for each mask, in order
 */
public record MaskFilling(List<Gap> gaps) {
  /** Copies. */
  public MaskFilling {
    gaps = List.copyOf(gaps);
  }

  /**
   * A mask.
   *
   * @param place among the tokens of the sequence, the first special one being 0
   * @param guesses the likeliest first; of equals, the smallest id
   */
  public record Gap(int place, List<Guess> guesses) {
    /** Copies. */
    public Gap {
      guesses = List.copyOf(guesses);
    }
  }

  /** A token and its probability, of all that the model has. */
  public record Guess(int id, double probability) {}

  /**
   * Runs a model over a text; all masks are guessed at once, none knowing the others' guesses.
   *
   * @param top how many guesses for each mask
   * @throws IllegalArgumentException when that is not from 1 to the size of the vocabulary, or the
   *     model lacks a token of the text
   * @throws io.shardfire.kernels.device.ComputeException when the model does not fit into memory
   */
  public static MaskFilling of(ComputeContext compute, OpenModel model, MaskedText text, int top) {
    if (top < 1 || top > model.vocabularySize()) {
      throw new IllegalArgumentException(
          "A mask has guesses from 1 to the size of the vocabulary: top="
              + top
              + ", vocabularySize="
              + model.vocabularySize());
    }
    model.requireKnown(text.ids());
    PlannedPass pass = PlannedPass.of(model.model(), model.format(), 1, text.ids().size());
    ModelPlan plan = ModelPlan.of(List.of(pass));
    ProgramRecorder recorder =
        ModelMemory.allocate(compute, List.of(plan)).load(plan, model.weights());
    pass.write(text.ids(), List.of(), BatchSpans.of(pass.batch(), recorder));
    List<Gap> gaps = new ArrayList<>();
    int size = model.model().vocabularySize();
    new LogitsPass(recorder, pass, size)
        .run(
            (row, array, from) -> {
              if (text.masks().contains(row)) {
                double[] probabilities = softmax(array, from, size);
                gaps.add(new Gap(row, likeliest(probabilities, model.vocabularySize(), top)));
              }
            });
    return new MaskFilling(gaps);
  }

  private static double[] softmax(float[] array, int from, int size) {
    double largest =
        IntStream.range(from, from + size).mapToDouble(i -> array[i]).max().orElseThrow();
    double[] exponentials =
        IntStream.range(from, from + size)
            .mapToDouble(i -> StrictMath.exp(array[i] - largest))
            .toArray();
    double sum = Arrays.stream(exponentials).sum();
    return Arrays.stream(exponentials).map(exponential -> exponential / sum).toArray();
  }

  private static List<Guess> likeliest(double[] probabilities, int ids, int top) {
    return IntStream.range(0, ids)
        .mapToObj(id -> new Guess(id, probabilities[id]))
        .sorted(Comparator.comparingDouble(Guess::probability).reversed())
        .limit(top)
        .toList();
  }
}
