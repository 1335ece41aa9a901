package io.shardfire.worker.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.architecture.ModelConfiguration.PositionKind;
import io.shardfire.worker.data.CorpusIdentity;
import io.shardfire.worker.train.TrainerState;
import io.shardfire.worker.train.TrainingConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskSettingsTest {
  private static final ModelConfiguration MODEL =
      SmallModel.composition(PositionKind.ROPE, 0).with().kind(Kind.ENCODER).build();

  @TempDir Path folder;
  private final List<OpenModel> models = new ArrayList<>();

  @AfterEach
  void close() {
    models.forEach(OpenModel::close);
  }

  /** A checkpoint of a run with these masks. */
  private void trained(float share, boolean wholeWords) throws IOException {
    Path checkpoint = folder.resolve("model-" + models.size());
    OpenModel model = SmallModel.random(MODEL).open(checkpoint);
    JsonMapper mapper = new JsonMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("format_version", 2).put("step", 1).putArray("changes");
    ObjectNode settings = root.putObject("settings");
    Map<String, Object> values =
        TrainerState.settings(
                MODEL,
                TrainingConfiguration.standard()
                    .logicalShards(1)
                    .maskedShare(share)
                    .wholeWords(wholeWords)
                    .build(),
                1,
                new CorpusIdentity("0123", 10, 10, "a", "b"))
            .values();
    values.forEach((key, value) -> settings.set(key, mapper.valueToTree(value)));
    Files.writeString(checkpoint.resolve(TrainerState.NAME), root.toString());
    models.add(model);
  }

  @Test
  void shouldTakeThoseOfTheRun() throws IOException {
    trained(0.3f, true);
    models.add(SmallModel.random(MODEL).open(folder.resolve("published")));

    MaskSettings masks = MaskSettings.of(models, Optional.empty(), Optional.empty());

    assertEquals(new MaskSettings(0.3f, true), masks);
    assertEquals("share=0.3, whole words", masks.summary());
    assertEquals(0.3f, masks.objective().maskedShare());
    assertEquals(
        new MaskSettings(0.2f, false),
        MaskSettings.of(models, Optional.of(0.2f), Optional.of(false)));
  }

  @Test
  void shouldTakeUsualOnesWhereNoRunSays() throws IOException {
    models.add(SmallModel.random(MODEL).open(folder.resolve("published")));

    assertEquals(
        new MaskSettings(0.15f, false),
        MaskSettings.of(models, Optional.empty(), Optional.empty()));
    assertEquals(
        new MaskSettings(0.15f, true),
        MaskSettings.of(models, Optional.empty(), Optional.of(true)));
  }

  @Test
  void shouldNotCompareRunsOfOtherMasks() throws IOException {
    trained(0.3f, true);
    trained(0.3f, false);

    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> MaskSettings.of(models, Optional.of(0.15f), Optional.empty()));
    assertEquals(
        "Models that were trained with other masks are compared with the same ones; give"
            + " --masked-share and --whole-words: small had share=0.15, whole words, small had"
            + " share=0.15",
        thrown.getMessage());
    assertEquals(
        new MaskSettings(0.3f, true), MaskSettings.of(models, Optional.empty(), Optional.of(true)));
  }

  @Test
  void shouldRefuseAShareThatIsNone() {
    assertThrows(IllegalArgumentException.class, () -> new MaskSettings(1, false));
  }
}
