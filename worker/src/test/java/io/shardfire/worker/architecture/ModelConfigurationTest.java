package io.shardfire.worker.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.ops.Activation.Function;
import io.shardfire.worker.architecture.ModelConfiguration.CellKind;
import io.shardfire.worker.architecture.ModelConfiguration.HeadKind;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.NormKind;
import io.shardfire.worker.architecture.ModelConfiguration.NormPlacement;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.TokenBatch;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ModelConfigurationTest {
  private static ModelBuilder model() {
    return ModelConfiguration.decoder(2, 3, 48, 21).vocabularySize(53);
  }

  private static Arguments refused(UnaryOperator<ModelBuilder> change, String end) {
    return Arguments.of(change, end);
  }

  /** Of a recurrent model of one head, which is none. */
  private static UnaryOperator<ModelBuilder> lstm(UnaryOperator<ModelBuilder> change) {
    return unused ->
        change.apply(
            ModelConfiguration.decoder(2, 1, 48, 21)
                .cell(CellKind.LSTM)
                .positions(PositionKind.NONE));
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        refused(
            model -> model.kind(Kind.ENCODER).positions(PositionKind.NONE),
            "kind=ENCODER, positions=NONE"),
        refused(
            model -> model.kind(Kind.ENCODER_DECODER).positions(PositionKind.NONE),
            "kind=ENCODER_DECODER, positions=NONE"),
        refused(model -> model.segments(2), "segments=2, kind=DECODER"),
        refused(model -> model.sentenceHead(true), "sentenceHead=true, kind=DECODER"),
        refused(
            model -> model.head(HeadKind.SCALED).tiedEmbeddings(false),
            "head=SCALED, tiedEmbeddings=false"),
        refused(
            model -> model.encoderLayers(2),
            "kind=DECODER, encoderLayers=2, sourceContext=0, sharedEmbeddings=true"),
        refused(
            model -> model.kind(Kind.ENCODER).sharedEmbeddings(false), "sharedEmbeddings=false"),
        refused(
            model -> model.positions(PositionKind.RELATIVE).relative(7, 128),
            "relativeBuckets=7, relativeDistance=128"),
        refused(
            model -> model.positions(PositionKind.RELATIVE).relative(32, 16),
            "relativeBuckets=32, relativeDistance=16"),
        refused(
            model -> model.positions(PositionKind.ROPE).headWidth(9),
            "ropeBase=10000.0, head size=9"),
        refused(model -> model.headWidth(7), "width=48, heads=3, headWidth=7"),
        refused(model -> model.keyValueHeads(2), "keyValueHeads=2, heads=3"),
        refused(model -> model.dropout(1), "dropout=1.0"),
        refused(model -> model.normEpsilon(0), "normEpsilon=0.0"),
        refused(model -> model.window(-1), "window=-1"),
        refused(lstm(model -> model.kind(Kind.ENCODER)), "cell=LSTM, kind=ENCODER"),
        refused(
            lstm(model -> model.positions(PositionKind.ROPE)),
            "set positions=none or cell=none: cell=LSTM, positions=ROPE"),
        refused(
            model -> model.cell(CellKind.GRU).positions(PositionKind.NONE),
            "cell=GRU, heads=3, keyValueHeads=0, headWidth=0, window=0, scaledAttention=true"),
        refused(lstm(model -> model.window(4)), "window=4, scaledAttention=true"),
        refused(lstm(model -> model.scaledAttention(false)), "scaledAttention=false"),
        refused(
            lstm(model -> model.feedForwardWidth(96)),
            "cell=LSTM, feedForwardWidth=96, gated=false, normPlacement=PRE"),
        refused(lstm(model -> model.gated(true)), "gated=true, normPlacement=PRE"),
        refused(
            lstm(model -> model.norm(NormKind.LAYER, NormPlacement.POST)), "normPlacement=POST"),
        refused(
            lstm(model -> model.norm(NormKind.RMS, NormPlacement.PRE)),
            "cell=LSTM, norm=RMS, activation=GELU_TANH"),
        refused(
            lstm(model -> model.embeddingNorm(true).activation(Function.RELU)),
            "cell=LSTM, norm=LAYER, activation=RELU"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void shouldRefuseWhatNoModelCanBe(UnaryOperator<ModelBuilder> change, String end) {
    ModelBuilder model = change.apply(model());
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, model::build);
    assertTrue(e.getMessage().endsWith(end), e.getMessage());
  }

  @Test
  void shouldWriteModelsThatAreAlikeInOneWay() {
    ModelConfiguration translator = model().kind(Kind.ENCODER_DECODER).build();
    assertEquals(
        translator,
        translator.with().encoderLayers(2).sourceContext(21).headWidth(16).build().canonical());
    assertEquals(5, translator.with().encoderLayers(5).build().canonical().sourceLayers());
    ModelConfiguration relative = model().positions(PositionKind.RELATIVE).relative(8, 20).build();
    assertEquals(relative, relative.canonical());
    assertEquals(model().build(), model().relative(8, 20).ropeBase(5).build().canonical());
  }

  @Test
  void shouldRefuseABatchWithoutWhatTheModelReads() {
    ModelConfiguration translator = model().kind(Kind.ENCODER_DECODER).build();
    TokenBatch plain = TokenBatch.of(2, 21);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Architecture.of(translator, plain));
    assertTrue(
        e.getMessage().startsWith("A batch has the fields that its model reads"), e.getMessage());
    TokenBatch longer = TokenBatch.of(new BatchForm(2, 21, 22, false, false, false, false));
    e = assertThrows(IllegalArgumentException.class, () -> Architecture.of(translator, longer));
    assertTrue(e.getMessage().contains("source=22, source context=21"), e.getMessage());
  }
}
