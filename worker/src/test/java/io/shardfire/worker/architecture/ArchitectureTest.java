package io.shardfire.worker.architecture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitSpec;
import io.shardfire.worker.nn.TokenBatch;
import io.shardfire.worker.program.InitialValues;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Program;
import io.shardfire.worker.program.UnitArrays;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final ModelConfiguration MODEL =
      ModelConfiguration.decoder(2, 3, 48, 37).vocabularySize(101).build();

  private static Program program(ModelConfiguration model) {
    return Architecture.of(model, TokenBatch.of(1, 1)).record(Pass.evaluation(1, 1));
  }

  @Test
  void shouldWriteAlikeModelsInOneWay() {
    ModelConfiguration llama = Family.LLAMA.form(ModelConfiguration.decoder(2, 4, 96, 16)).build();
    assertEquals(256, llama.hidden());
    assertEquals(llama, llama.with().feedForwardWidth(256).build().canonical());
    assertEquals(
        llama,
        Family.LLAMA
            .form(ModelConfiguration.decoder(2, 4, 96, 16))
            .keyValueHeads(4)
            .feedForwardWidth(256)
            .build()
            .canonical());
    assertEquals(
        2,
        Family.LLAMA
            .form(ModelConfiguration.decoder(2, 4, 96, 16))
            .keyValueHeads(2)
            .build()
            .canonical()
            .groups());
    assertEquals(MODEL, MODEL.with().feedForwardWidth(4 * 48).build().canonical());
    assertEquals(100, MODEL.with().feedForwardWidth(100).build().canonical().hidden());
  }

  @Test
  void shouldNameUnitsAndTensorsAsHuggingFaceDoes() {
    List<UnitSpec> units = Architecture.units(MODEL);
    assertEquals(
        List.of("embedding", "block-0", "block-1", "head"),
        units.stream().map(UnitSpec::name).toList());
    assertEquals(
        new TensorSpec("transformer.wte.weight", List.of(101, 48), true),
        units.get(0).tensors().get(0));
    assertTrue(
        units
            .get(2)
            .tensors()
            .contains(
                new TensorSpec("transformer.h.1.attn.c_attn.weight", List.of(48, 144), true)));
    assertTrue(
        units
            .get(3)
            .tensors()
            .contains(new TensorSpec("transformer.ln_f.bias", List.of(48), false)));
  }

  @Test
  void shouldCountTheParametersOfGpt2Small() {
    ModelConfiguration small =
        ModelConfiguration.decoder(12, 12, 768, 1024).vocabularySize(50257).build();
    long parameters =
        Architecture.units(small).stream()
            .flatMap(unit -> unit.tensors().stream())
            .mapToLong(TensorSpec::elements)
            .sum();
    assertEquals(124_439_808, parameters);
  }

  @Test
  void shouldDecayExactlyTheMatrices() {
    for (UnitSpec unit : Architecture.units(MODEL)) {
      for (TensorSpec tensor : unit.tensors()) {
        assertEquals(tensor.shape().size() == 2, tensor.decayed(), tensor.name());
      }
    }
  }

  @Test
  void shouldRefuseAnUnknownVocabulary() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> Architecture.units(MODEL.withVocabularySize(0)));
    assertTrue(e.getMessage().endsWith("vocabularySize=0"), e.getMessage());
  }

  @Test
  void shouldInitializeAlikeForEveryWorldSize() {
    ShardLayout one = ShardLayout.of(Architecture.units(MODEL), 1);
    ShardLayout three = ShardLayout.of(Architecture.units(MODEL), 3);
    List<FloatRange> a = UnitArrays.of(one);
    List<FloatRange> b = UnitArrays.of(three);
    InitialValues.write(program(MODEL).parameters(), one, 5, a);
    InitialValues.write(program(MODEL).parameters(), three, 5, b);
    for (UnitSpec unit : one.units()) {
      for (TensorSpec tensor : unit.tensors()) {
        assertArrayEquals(values(one, a, tensor.name()), values(three, b, tensor.name()));
      }
    }
  }

  @Test
  void shouldBeginWithOpenForgetGates() {
    ModelConfiguration lstm =
        Family.LSTM.form(ModelConfiguration.decoder(1, 1, 3, 4)).vocabularySize(5).build();
    ShardLayout layout = ShardLayout.of(Architecture.units(lstm), 1);
    List<FloatRange> parameters = UnitArrays.of(layout);
    InitialValues.write(program(lstm).parameters(), layout, 5, parameters);
    assertArrayEquals(
        new float[] {0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0},
        values(layout, parameters, "rnn.bias_hh_l0"));
  }

  @Test
  void shouldScaleResidualProjections() {
    ShardLayout layout = ShardLayout.of(Architecture.units(MODEL), 1);
    List<FloatRange> parameters = UnitArrays.of(layout);
    InitialValues.write(program(MODEL).parameters(), layout, 5, parameters);
    assertEquals(0.02, deviation(layout, parameters, "wte.weight"), 1e-3);
    assertEquals(0.02, deviation(layout, parameters, "h.1.mlp.c_fc.weight"), 1e-3);
    assertEquals(0.01, deviation(layout, parameters, "h.1.mlp.c_proj.weight"), 5e-4);
    assertEquals(0.01, deviation(layout, parameters, "h.0.attn.c_proj.weight"), 5e-4);
    assertEquals(1, deviation(layout, parameters, "h.0.ln_1.weight"));
    assertEquals(0, deviation(layout, parameters, "h.0.ln_1.bias"));
  }

  /** Root of the mean square. */
  private static double deviation(ShardLayout layout, List<FloatRange> parameters, String name) {
    float[] values = values(layout, parameters, "transformer." + name);
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum / values.length);
  }

  private static float[] values(ShardLayout layout, List<FloatRange> parameters, String name) {
    FloatRange range = UnitArrays.tensor(layout, parameters, name);
    int end = range.offset() + range.length();
    return Arrays.copyOfRange(range.array(), range.offset(), end);
  }
}
