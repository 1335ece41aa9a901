package io.shardfire.jobs.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.corpus.PreparePhase;
import io.shardfire.driver.corpus.PrepareReport;
import io.shardfire.driver.corpus.SkippedInput;
import io.shardfire.driver.source.SourceCounts;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PrepareProgressTest {
  @Test
  void shouldNameWhatWasSkipped() {
    assertEquals(
        """
        documents   1,234 in 3 files
        skipped     in/0: empty
                    in/1: empty
        text        99 bytes
        vocabulary  500 tokens
        tokens      70 to train, 7 to validate, in 2 shards
        written to  file:/out
        """,
        printed(2));
    assertEquals(7, printed(2).lines().count());
  }

  @Test
  void shouldNotFillTheScreenWithWhatWasSkipped() {
    List<String> lines = printed(1013).lines().toList();
    assertEquals(16, lines.size());
    assertEquals("            in/9: empty", lines.get(10));
    assertEquals("            and 1,003 more", lines.get(11));
    assertEquals(5, printed(0).lines().count());
  }

  @Test
  void shouldTellWhatItWaitsFor() {
    PrepareProgress progress = new PrepareProgress(new PrintWriter(new StringWriter()), "in, out");
    assertEquals("in, out", progress.awaited());

    progress.began(PreparePhase.SCAN, 1200);
    assertEquals(
        "the next of 1,200 Spark tasks, 0 of which are done: phase=scan", progress.awaited());
    progress.advanced(PreparePhase.SCAN, 7, 1200);
    assertEquals(
        "the next of 1,200 Spark tasks, 7 of which are done: phase=scan", progress.awaited());
    progress.advanced(PreparePhase.LEARN, 300, 500);
    assertEquals(
        "the next of 500 tokens to learn, 300 of which are done: phase=learn", progress.awaited());
  }

  private static String printed(int skipped) {
    StringWriter out = new StringWriter();
    List<SkippedInput> inputs =
        IntStream.range(0, skipped).mapToObj(i -> new SkippedInput("in/" + i, "empty")).toList();
    new PrepareProgress(new PrintWriter(out), "the folders").print(report(List.of(), inputs));
    return out.toString();
  }

  private static PrepareReport report(List<SourceCounts> sources, List<SkippedInput> skipped) {
    return new PrepareReport(
        "file:/out", sources, 3, skipped, 1234, 99, 70, 7, 500, "hash", 2, 1.5);
  }

  @Test
  void shouldTellWhatBecameOfRows() {
    StringWriter out = new StringWriter();
    List<SourceCounts> sources =
        List.of(
            new SourceCounts("wiki", 2000, 500, 0, 0, 0, 0, 12, 3, 1485, 742, 9000),
            new SourceCounts("books", 5, 0, 1, 0, 0, 0, 0, 0, 4, 4, 80));

    new PrepareProgress(new PrintWriter(out), "the folders").print(report(sources, List.of()));

    assertTrue(
        out.toString()
            .startsWith(
                """
                source      wiki
                                    2,000 rows read
                                     -500 for which where does not hold
                                      -12 exact duplicates
                                       -3 near duplicates
                                    1,485 documents left, before weights
                                      742 documents, 9,000 bytes
                source      books
                                        5 rows read
                                       -1 without text
                                        4 documents, 80 bytes
                documents   1,234 in 3 files
                """),
        out.toString());
  }
}
