package io.shardfire.jobs.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.shardfire.driver.corpus.DocumentMode;
import io.shardfire.driver.corpus.PrepareConfiguration;
import io.shardfire.driver.corpus.TokenizerKind;
import io.shardfire.driver.plan.RunStart;
import io.shardfire.driver.source.ColumnMapping;
import io.shardfire.driver.source.Deduplication;
import io.shardfire.driver.source.RowSettings;
import io.shardfire.driver.source.RowSource;
import io.shardfire.driver.source.SourceOptions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

final class PreparePlanTest {
  @Test
  void shouldSayWhatWouldBeMadeOfRows() {
    RowSettings rows =
        new RowSettings(
            List.of(
                new RowSource(
                    "talks",
                    "parquet",
                    List.of("a", "b"),
                    SourceOptions.NONE,
                    new ColumnMapping(Map.of("messages", "talk")),
                    "",
                    OptionalDouble.empty())),
            Optional.empty(),
            Deduplication.NONE,
            1);
    PrepareConfiguration asked =
        PrepareConfiguration.builder(List.of(), "file:/corpus").rows(rows).build();

    assertEquals(
        """
        corpus      conversations of source=talks format=parquet input=[a, b], 0.01 of it to validate
        tokenizer   a new bpe of 8,192 tokens with the added tokens of chat
        action      make the corpus, then start at step 0

        Dry run: what can be known before there is a corpus is in order, and nothing of it was read or written. The run would make file:/corpus and start at step 0.""",
        PreparePlan.text(asked, 8192, new RunStart.Fresh()));
  }

  @Test
  void shouldSayThatATokenizersSizeIsAGuess() {
    PrepareConfiguration asked =
        PrepareConfiguration.builder(List.of("a.tsv"), "out")
            .documents(DocumentMode.PAIRS)
            .tokenizer(TokenizerKind.CHAR)
            .build();

    List<String> lines = PreparePlan.text(asked, 8192, new RunStart.Fresh()).lines().toList();

    assertEquals("corpus      documents=pairs of a.tsv, 0.01 of it to validate", lines.get(0));
    assertEquals(
        "tokenizer   a new char with the added tokens of t5, planned with 8,192 tokens",
        lines.get(1));
  }
}
