package io.shardfire.worker.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.ops.Alibi;
import io.shardfire.kernels.ops.RelativeBias;
import io.shardfire.kernels.reference.FlashAttentionReference;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.nn.DistanceBias;
import io.shardfire.worker.nn.LanguageModel;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.nn.TransformerBlock;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.reference.DropoutFactors;
import io.shardfire.worker.reference.Reference;
import io.shardfire.worker.reference.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AttentionMapsTest {
  /** More than the trained context, and than a head has dims. */
  private static final int[] IDS = {3, 30, 0, 7, 7, 12, 1, 29, 5, 3, 3, 18, 22};

  @TempDir static Path folder;
  private static ComputeContext compute;

  @BeforeAll
  static void open() {
    compute = ComputeContext.open(ComputeDevice.select("cpu"));
  }

  /** Every kind of positions that goes on for ever, with a sliding window or not. */
  static Stream<ModelConfiguration> compositions() {
    return Arrays.stream(PositionKind.values())
        .filter(positions -> positions != PositionKind.LEARNED)
        .flatMap(
            positions ->
                Stream.of(0, 4)
                    .map(window -> SmallModel.composition(positions, window))
                    .flatMap(AttentionMapsTest::withEncoder));
  }

  /** An encoder without positions there is none. */
  private static Stream<ModelConfiguration> withEncoder(ModelConfiguration decoder) {
    return decoder.positions() == PositionKind.NONE
        ? Stream.of(decoder)
        : Stream.of(decoder, decoder.with().kind(Kind.ENCODER).build());
  }

  @ParameterizedTest
  @MethodSource("compositions")
  void shouldBeTheSoftmaxOfTheReferencesScores(ModelConfiguration model) throws IOException {
    shouldAgree(model, IDS);
  }

  @Test
  void shouldBeTheSoftmaxOfTheReferencesScoresWithLearnedPositions() throws IOException {
    shouldAgree(
        ModelConfiguration.decoder(2, 3, 48, 9).vocabularySize(SmallModel.VOCABULARY).build(),
        Arrays.copyOf(IDS, 9));
  }

  private static void shouldAgree(ModelConfiguration model, int... ids) throws IOException {
    SmallModel small = SmallModel.random(model);

    List<AttentionLayer> layers = maps(small, ids).layers();

    List<double[]> expected = expected(small, ids);
    assertEquals(
        IntStream.range(0, model.layers()).mapToObj(i -> "block-" + i + " attention").toList(),
        layers.stream().map(AttentionLayer::name).toList());
    for (int number = 0; number < layers.size(); number++) {
      AttentionLayer layer = layers.get(number);
      assertEquals(model.heads(), layer.heads());
      int at = 0;
      for (int head = 0; head < layer.heads(); head++) {
        for (int query = 0; query < ids.length; query++) {
          double sum = 0;
          for (int key = 0; key < ids.length; key++) {
            String place = layer.name() + " " + head + ": " + query + " to " + key;
            double weight = expected.get(number)[at++];
            assertEquals(weight, layer.weight(head, query, key), 1e-5, place);
            if (weight == 0) {
              assertEquals(0, layer.weight(head, query, key), place);
            }
            sum += layer.weight(head, query, key);
          }
          assertEquals(1, sum, 1e-5, layer.name() + " " + head + ": " + query);
        }
      }
    }
  }

  @Test
  void shouldRefuseATextWithoutTokens() {
    SmallModel small = SmallModel.random(SmallModel.composition(PositionKind.ROPE, 0));

    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> maps(small));
    assertEquals(
        "A text has at least one token, and no more than a model has learned positions for:"
            + " model=small, tokens=0, context=9",
        thrown.getMessage());
  }

  @Test
  void shouldRefuseMoreTokensThanLearnedPositions() {
    SmallModel small =
        SmallModel.random(ModelConfiguration.decoder(1, 1, 8, 9).vocabularySize(31).build());

    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> maps(small, IDS));
    assertEquals(
        "A text has at least one token, and no more than a model has learned positions for:"
            + " model=small, tokens=13, context=9",
        thrown.getMessage());
  }

  @Test
  void shouldRefuseAnEncoderDecoderWithoutSource() {
    SmallModel small =
        SmallModel.random(
            SmallModel.composition(PositionKind.RELATIVE, 0)
                .with()
                .kind(Kind.ENCODER_DECODER)
                .build());

    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> maps(small, 1, 2));
    assertEquals(
        "An encoder-decoder reads a source besides, and no other model does: model=small,"
            + " kind=ENCODER_DECODER, source tokens=0",
        thrown.getMessage());
  }

  @Test
  void shouldRefuseTokensThatTheModelLacks() {
    SmallModel small = SmallModel.random(SmallModel.composition(PositionKind.ROPE, 0));

    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> maps(small, 1, 31));
    assertEquals(
        "The text has a token that the model lacks, so tokenizer.json belongs to another model:"
            + " model=small, token=<id 31>, id=31, vocabularySize=31",
        thrown.getMessage());
  }

  private static AttentionMaps maps(SmallModel small, int... ids) throws IOException {
    try (OpenModel model = small.open(folder.resolve("model"))) {
      List<Integer> read = Arrays.stream(ids).boxed().toList();
      return AttentionMaps.of(compute, model, new AttendedText(List.of(), read));
    }
  }

  /** By layer, [heads, queries, keys], from the reference's residual stream. */
  private static List<double[]> expected(SmallModel small, int... ids) {
    ModelConfiguration model = small.longer(ids.length);
    LanguageModel modules = Architecture.of(model, TokenBatch.of(1, ids.length));
    Reference r =
        new Reference(
            Pass.evaluation(1, ids.length),
            modules.published(),
            small.doubles(),
            DropoutFactors.NONE);
    List<double[]> layers = new ArrayList<>();
    r.give(modules.embedding().reading().ids(), ids);
    Tensor tokens = r.scope("embedding", () -> modules.embedding().tokens(r));
    Tensor stream = r.scope("embedding", () -> modules.embedding().reference(r, tokens));
    DistanceBias biases = modules.stack().biases();
    List<Tensor> added = biases == null ? null : r.scope("embedding", () -> biases.reference(r));
    for (int layer = 0; layer < model.layers(); layer++) {
      TransformerBlock block = (TransformerBlock) modules.stack().blocks().get(layer);
      Tensor x = stream;
      Tensor qkv =
          r.scope(
              "block-" + layer,
              () -> {
                Tensor normalised = block.attentionNorm().reference(r, x);
                return r.scope(
                    "attention", () -> block.attention().input().reference(r, normalised));
              });
      layers.add(weights(small, qkv));
      stream = r.scope("block-" + layer, () -> block.reference(r, x, added, null));
    }
    return layers;
  }

  private static double[] weights(SmallModel small, Tensor qkv) {
    ModelConfiguration model = small.model();
    boolean causal = model.kind() == Kind.DECODER;
    int time = qkv.rows();
    int kvWidth = model.groups() * model.headSize();
    double[] q = columns(qkv, 0, model.width());
    double[] k = columns(qkv, model.width(), kvWidth);
    double[] v = columns(qkv, model.width() + kvWidth, kvWidth);
    if (model.positions() == PositionKind.ROPE) {
      rotate(q, model.width(), model);
      rotate(k, kvWidth, model);
    }
    return new FlashAttentionReference(
            1,
            time,
            time,
            model.heads(),
            model.groups(),
            model.headSize(),
            1 / StrictMath.sqrt(model.headSize()),
            (b, i, j) ->
                (j <= i || !causal) && (model.window() == 0 || Math.abs(i - j) < model.window()),
            biases(small, time),
            null)
        .forward(q, k, v)
        .weights();
  }

  /** By head and distance of a key behind its query, from 1 - time on; or null. */
  private static double[] biases(SmallModel small, int time) {
    ModelConfiguration model = small.model();
    double[] biases = new double[model.heads() * (2 * time - 1)];
    for (int i = 0; i < biases.length; i++) {
      int head = i / (2 * time - 1);
      int distance = i % (2 * time - 1) - (time - 1);
      switch (model.positions()) {
        case ALIBI -> biases[i] = -Alibi.slopes(model.heads())[head] * Math.abs(distance);
        case RELATIVE -> {
          int bucket =
              new RelativeBias.Buckets(6, 12, model.kind() == Kind.ENCODER).bucket(distance);
          biases[i] =
              small.weights().get("embedding.relativeBias.weight")[bucket * model.heads() + head];
        }
        default -> biases[i] = 0;
      }
    }
    return biases;
  }

  private static double[] columns(Tensor x, int from, int count) {
    double[] part = new double[x.rows() * count];
    for (int row = 0; row < x.rows(); row++) {
      System.arraycopy(x.values(), row * x.columns() + from, part, row * count, count);
    }
    return part;
  }

  /** Turns dim i of a head with dim i + S/2 by t base^(-2i/S) (Su et al., 2021). */
  private static void rotate(double[] x, int width, ModelConfiguration model) {
    int size = model.headSize();
    for (int at = 0; at < x.length; at++) {
      int dim = at % size;
      if (dim < size / 2) {
        int time = at / width;
        double angle = time * StrictMath.pow(model.ropeBase(), -2.0 * dim / size);
        double first = x[at];
        double second = x[at + size / 2];
        x[at] = first * StrictMath.cos(angle) - second * StrictMath.sin(angle);
        x[at + size / 2] = second * StrictMath.cos(angle) + first * StrictMath.sin(angle);
      }
    }
  }
}
