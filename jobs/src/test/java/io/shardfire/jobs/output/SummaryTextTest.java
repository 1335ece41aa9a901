package io.shardfire.jobs.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.sharding.checkpoint.CheckpointSummary;
import io.shardfire.sharding.checkpoint.CheckpointSummary.SliceSummary;
import io.shardfire.sharding.checkpoint.CheckpointSummary.TensorSummary;
import io.shardfire.sharding.checkpoint.CheckpointSummary.ValueSummary;
import io.shardfire.sharding.checkpoint.Manifest;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SummaryTextTest {
  private static final String HASH = "0123456789abcdef".repeat(4);

  @Test
  void shouldPrintTables() {
    assertEquals(
        """
        checkpoint  run/step-00000002
        step        2
        run's steps 1, 2
        parameters  6
        bytes       1,024 in 1 files

        file                        bytes  SHA-256
        model.safetensors           1,024  %s

        tensor type  shape                    norm      largest  file
        w      F32   2 x 3                  1.5000       1.0000  model.safetensors  1 not finite!

        unit moment                         range         norm      largest  file
        head exp_avg                       0 to 6       1.5000       1.0000  optimizer.safetensors

        config.json
          {
            "a": 1
          }

        Every file has the size and the hash of the manifest.
        """
            .formatted(HASH),
        print(summary(List.of())));
  }

  @Test
  void shouldEndWithTheDamage() {
    String text = print(summary(List.of("model.safetensors: expected abc, actual def")));

    assertTrue(text.endsWith("\nDAMAGED\n  model.safetensors: expected abc, actual def\n"), text);
  }

  private static CheckpointSummary summary(List<String> damage) {
    return new CheckpointSummary(
        "run/step-00000002",
        2,
        List.of(1L, 2L),
        1024,
        6,
        List.of(new Manifest.Entry("model.safetensors", 1024, HASH)),
        List.of(
            new TensorSummary(
                "w", "model.safetensors", "F32", List.of(2L, 3L), new ValueSummary(6, 1.5, 1f, 1))),
        List.of(
            new SliceSummary(
                "optimizer.safetensors", "head", 0, 6, "exp_avg", new ValueSummary(6, 1.5, 1f, 0))),
        Map.of("config.json", "{\n  \"a\": 1\n}\n"),
        damage);
  }

  private static String print(CheckpointSummary summary) {
    StringWriter out = new StringWriter();
    new SummaryText(new PrintWriter(out)).print(summary);
    return out.toString();
  }
}
