package io.shardfire.worker.inspect;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.DocumentTable;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.generate.Continuation;
import io.shardfire.worker.generate.GenerationOptions;
import io.shardfire.worker.generate.Generator;
import io.shardfire.worker.generate.Sampling;
import io.shardfire.worker.inspect.PairMatches.Fault;
import io.shardfire.worker.objective.SequenceOrder;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.LongUnaryOperator;

/**
 * Evaluates encoder-decoders on pairs of a split, one model after another: each reads a source and
 * writes its target, always the likeliest token. Pairs are spread evenly over the split. What a
 * model has no room for, of a source or of a target, is not there, so that such a target is a
 * fault.
 */
public final class PairEvaluation {
  /** Targets that grow side by side. */
  private static final int SLOTS = 32;

  private final List<OpenModel> models;
  private final List<int[]> sources;
  private final List<int[]> targets;

  private PairEvaluation(List<OpenModel> models, List<int[]> sources, List<int[]> targets) {
    this.models = models;
    this.sources = sources;
    this.targets = targets;
  }

  /**
   * Reads the pairs.
   *
   * @param data a prepared corpus of the models' vocabulary
   * @param most take no more pairs than these; 0 for all
   * @throws IllegalArgumentException when a model is no encoder-decoder, naming it
   * @throws DataException when the corpus holds no pairs, the split has none, or it is of another
   *     vocabulary than a model, naming it
   */
  public static PairEvaluation of(
      List<OpenModel> models, TokenDataset data, TokenSplit split, int most) {
    for (OpenModel model : models) {
      if (!model.model().hasSource()) {
        throw new IllegalArgumentException(
            "Targets of pairs are written by encoder-decoders only; evaluate other models by"
                + " themselves: model="
                + model.name()
                + ", kind="
                + model.model().kind());
      }
      model.requireVocabularyOf(data);
    }
    long available = available(data, split);
    int count = (int) Math.min(available, most == 0 ? Integer.MAX_VALUE : most);
    LongUnaryOperator order = new SequenceOrder.Spread(count).items(available);
    List<int[]> sources = new ArrayList<>();
    List<int[]> targets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long pair = order.applyAsLong(i);
      sources.add(withoutEnd(document(data, split, 2 * pair)));
      targets.add(document(data, split, 2 * pair + 1));
    }
    return new PairEvaluation(List.copyOf(models), sources, targets);
  }

  private static long available(TokenDataset data, TokenSplit split) {
    if (data.index().content() != CorpusContent.PAIRS) {
      throw new DataException(
          "The corpus holds no pairs of a source and a target, which an encoder-decoder is evaluated"
              + " on; prepare some with --documents pairs: content=text");
    }
    long pairs = data.documents(split).documents() / 2;
    if (pairs == 0) {
      throw new DataException(
          "The split has no pairs; choose the other: split="
              + split.name().toLowerCase(Locale.ROOT));
    }
    return pairs;
  }

  private static int[] document(TokenDataset data, TokenSplit split, long number) {
    DocumentTable documents = data.documents(split);
    long begin = documents.begin(number);
    int length = Math.toIntExact(documents.end(number) - begin);
    float[] ids = new float[length];
    data.read(split, begin, ids, 0, length);
    int[] tokens = new int[length];
    Arrays.setAll(tokens, i -> (int) ids[i]);
    return tokens;
  }

  private static int[] withoutEnd(int[] document) {
    return Arrays.copyOf(document, document.length - 1);
  }

  /** How many pairs are evaluated. */
  public int pairs() {
    return sources.size();
  }

  /**
   * Evaluates every model.
   *
   * @param sink gets what it wrote as soon as it has
   * @throws io.shardfire.kernels.device.ComputeException when a model does not fit into memory
   */
  public void run(ComputeContext compute, BiConsumer<OpenModel, PairMatches> sink) {
    int longest = targets.stream().mapToInt(target -> target.length).max().orElseThrow();
    GenerationOptions options = GenerationOptions.of(longest, Sampling.GREEDY);
    for (OpenModel model : models) {
      Continuation[] written = new Continuation[pairs()];
      try (Generator generator =
          Generator.of(
              model.model(),
              model.tokens(),
              model.tokenizer().files(),
              model.weights(),
              compute,
              options.slots(pairs(), SLOTS),
              model.format())) {
        generator.answer(sources, options, text -> written[text.prompt()] = text);
      }
      sink.accept(model, matches(model.tokenizer(), written));
    }
  }

  private PairMatches matches(Tokenizer tokenizer, Continuation... written) {
    List<Fault> faults = new ArrayList<>();
    for (int i = 0; i < written.length; i++) {
      int[] target = targets.get(i);
      if (!written[i].tokens().equals(Arrays.stream(target).boxed().toList())) {
        faults.add(
            new Fault(
                tokenizer.decode(sources.get(i)),
                tokenizer.decode(withoutEnd(target)),
                written[i].text()));
      }
    }
    return new PairMatches(written.length, faults);
  }
}
