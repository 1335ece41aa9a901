package io.shardfire.worker.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.reference.FlashAttentionReference;
import io.shardfire.worker.architecture.Architecture;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.Block;
import io.shardfire.worker.nn.LanguageModel;
import io.shardfire.worker.nn.Norm;
import io.shardfire.worker.nn.SourceEncoder;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Attention of an encoder and of the decoder beside it, against the double reference. */
class SourceAttentionMapsTest {
  /** More keys than queries, than a head has dims and than the trained context, 9. */
  private static final int[] SOURCE = {3, 30, 0, 7, 7, 12, 1, 29, 5, 3, 3, 18, 22};

  private static final int[] IDS = {2, 4, 19, 4, 28, 11, 6};
  private static final ModelConfiguration MODEL =
      SmallModel.composition(PositionKind.SINUSOIDAL, 0)
          .with()
          .kind(Kind.ENCODER_DECODER)
          .encoderLayers(3)
          .build();

  @TempDir static Path folder;

  private final SmallModel small = SmallModel.random(MODEL);

  /** A map as doubles [heads, queries, keys]. */
  private record Expected(String name, int queries, int keys, List<Double> weights) {}

  @Test
  void shouldBeTheSoftmaxOfTheReferencesScores() throws IOException {
    List<AttentionLayer> layers = maps(SOURCE, IDS).layers();

    List<Expected> all = expected();
    assertEquals(
        all.stream().map(Expected::name).toList(),
        layers.stream().map(AttentionLayer::name).toList());
    for (int number = 0; number < all.size(); number++) {
      AttentionLayer layer = layers.get(number);
      Expected expected = all.get(number);
      assertEquals(expected.queries(), layer.queries(), layer.name());
      assertEquals(expected.keys(), layer.keys(), layer.name());
      assertEquals(layer.name().startsWith("encoder-"), layer.isOfSource(), layer.name());
      assertEquals(expected.keys() == SOURCE.length, layer.readsSource(), layer.name());
      int at = 0;
      for (int head = 0; head < MODEL.heads(); head++) {
        for (int query = 0; query < layer.queries(); query++) {
          for (int key = 0; key < layer.keys(); key++) {
            assertEquals(
                expected.weights().get(at++),
                layer.weight(head, query, key),
                1e-5,
                layer.name() + " " + head + ": " + query + " to " + key);
          }
        }
      }
    }
  }

  @Test
  void shouldRefuseATargetWithoutTokens() {
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> maps(SOURCE));
    assertEquals(
        "A text has at least one token, and no more than a model has learned positions for:"
            + " model=small, tokens=0, context=9",
        thrown.getMessage());
  }

  private AttentionMaps maps(int[] source, int... ids) throws IOException {
    try (OpenModel model = small.open(folder.resolve("model"))) {
      return AttentionMaps.of(
          ComputeContext.open(ComputeDevice.select("cpu")),
          model,
          new AttendedText(
              Arrays.stream(source).boxed().toList(), Arrays.stream(ids).boxed().toList()));
    }
  }

  private List<Expected> expected() {
    TokenBatch batch = TokenBatch.of(BatchForm.plain(1, IDS.length, SOURCE.length));
    LanguageModel modules =
        Architecture.of(MODEL.with().sourceContext(SOURCE.length).build(), batch);
    Reference r =
        new Reference(
            Pass.evaluation(1, IDS.length),
            modules.published(),
            small.doubles(),
            DropoutFactors.NONE);
    SourceEncoder encoder = modules.source();
    r.give(modules.embedding().reading().ids(), IDS);
    r.give(encoder.embedding().reading().ids(), SOURCE);
    see(r, batch.sourceVisible(), SOURCE.length);
    see(r, batch.crossVisible(), IDS.length);
    List<Expected> all = new ArrayList<>();
    Tensor tokens = r.scope("embedding", () -> modules.embedding().tokens(r));
    Tensor source =
        r.scope(
            "embedding",
            () ->
                r.scope(
                    "source",
                    () ->
                        encoder
                            .embedding()
                            .reference(
                                r,
                                encoder.sharesTokens() ? tokens : encoder.embedding().tokens(r))));
    Tensor memory =
        stack(r, "encoder-", encoder.stack().blocks(), source, null, encoder.norm(), all);
    Tensor target = r.scope("embedding", () -> modules.embedding().reference(r, tokens));
    stack(r, "block-", modules.stack().blocks(), target, memory, null, all);
    return all;
  }

  /** Every query sees all keys of the source. */
  private static void see(Reference r, TokenBatch.Interval interval, int queries) {
    int[] ends = new int[queries];
    Arrays.fill(ends, SOURCE.length);
    r.give(interval.first(), new int[queries]);
    r.give(interval.end(), ends);
  }

  private static Tensor stack(
      Reference r,
      String unit,
      List<Block> blocks,
      Tensor embedded,
      Tensor memory,
      Norm last,
      List<Expected> all) {
    Tensor stream = embedded;
    for (int layer = 0; layer < blocks.size(); layer++) {
      TransformerBlock block = (TransformerBlock) blocks.get(layer);
      String name = unit + layer;
      Norm norm = layer == blocks.size() - 1 ? last : null;
      Tensor x = stream;
      stream =
          r.scope(
              name,
              () -> {
                look(r, name, block, x, memory, all);
                Tensor y = block.reference(r, x, null, memory);
                return norm == null ? y : norm.reference(r, y);
              });
    }
    return stream;
  }

  private static void look(
      Reference r,
      String name,
      TransformerBlock block,
      Tensor x,
      Tensor memory,
      List<Expected> all) {
    int width = MODEL.width();
    int kvWidth = MODEL.groups() * MODEL.headSize();
    Tensor in = block.attentionNorm().reference(r, x);
    Tensor qkv = r.scope("attention", () -> block.attention().input().reference(r, in));
    all.add(
        map(
            name + " attention",
            memory != null,
            columns(qkv, 0, width),
            columns(qkv, width, kvWidth)));
    if (memory != null) {
      Tensor after = block.attention().reference(r, in, x, null);
      Tensor crossIn = block.crossNorm().reference(r, after);
      Tensor q =
          r.scope("crossAttention", () -> block.crossAttention().queries().reference(r, crossIn));
      Tensor kv =
          r.scope(
              "crossAttention", () -> block.crossAttention().keysAndValues().reference(r, memory));
      all.add(map(name + " crossAttention", false, columns(q, 0, width), columns(kv, 0, kvWidth)));
    }
  }

  private static Expected map(String name, boolean causal, double[] q, double[] k) {
    int queries = q.length / MODEL.width();
    int keys = k.length / (MODEL.groups() * MODEL.headSize());
    double[] weights =
        new FlashAttentionReference(
                1,
                queries,
                keys,
                MODEL.heads(),
                MODEL.groups(),
                MODEL.headSize(),
                1 / StrictMath.sqrt(MODEL.headSize()),
                (b, i, j) -> j <= i || !causal,
                new double[MODEL.heads() * (queries + keys - 1)],
                null)
            .forward(q, k, k)
            .weights();
    return new Expected(name, queries, keys, Arrays.stream(weights).boxed().toList());
  }

  private static double[] columns(Tensor x, int from, int count) {
    double[] part = new double[x.rows() * count];
    for (int row = 0; row < x.rows(); row++) {
      System.arraycopy(x.values(), row * x.columns() + from, part, row * count, count);
    }
    return part;
  }
}
