package io.shardfire.worker.objective;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.architecture.ModelBuilder;
import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.data.CorpusContent;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.DocumentTable;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;
import io.shardfire.worker.tokenizer.AddedTokens;
import io.shardfire.worker.tokenizer.WordPieces;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What objectives write, compared with the corpus token by token. */
class ObjectiveTest {
  private static final int CONTEXT = 23;
  private static final int BATCH = 2;
  private static final int SEQUENCES = 200;
  private static final double SCALE = 1.5;

  @TempDir Path folder;
  private TokenDataset data;
  private int[] corpus;
  private DocumentTable documents;
  private Map<String, Integer> special;
  private BatchForm form;
  private BatchSpans batch;

  @AfterEach
  void close() {
    if (data != null) {
      data.close();
    }
  }

  private void prepare(AddedTokens added, CorpusContent content, int longest) {
    ObjectiveCorpus.write(folder, added, content, 150, 20, longest);
    data =
        TokenDataset.open(new Configuration(false), new org.apache.hadoop.fs.Path(folder.toUri()));
    documents = data.documents(TokenSplit.TRAIN);
    float[] ids = new float[Math.toIntExact(data.tokens(TokenSplit.TRAIN))];
    data.read(TokenSplit.TRAIN, 0, ids, 0, ids.length);
    corpus = IntStream.range(0, ids.length).map(i -> (int) ids[i]).toArray();
    special = data.tokenizer().specialIds().byText();
  }

  private Objective objective(ObjectiveSettings settings) {
    ModelConfiguration model = model(settings);
    ObjectiveSettings resolved = settings.resolved(model.kind());
    form = resolved.form(BATCH, model);
    batch = HostBatch.of(form);
    return Objective.of(resolved, form, data, TokenSplit.TRAIN, new SequenceOrder.Shuffled(7));
  }

  private static ModelConfiguration model(ObjectiveSettings settings) {
    ModelBuilder builder = ModelConfiguration.decoder(1, 2, 16, CONTEXT);
    ModelBuilder kind =
        switch (settings.kind()) {
          case AUTO, CAUSAL -> builder;
          case MASKED -> builder.kind(Kind.ENCODER);
          case SPAN_CORRUPTION, SEQUENCE_TO_SEQUENCE -> builder.kind(Kind.ENCODER_DECODER);
        };
    return settings.nextSentence() ? kind.segments(2).sentenceHead(true).build() : kind.build();
  }

  private static ObjectiveSettings settings(ObjectiveKind kind, Packing packing) {
    return new ObjectiveSettings(kind, packing, 0.15f, 3, false, false);
  }

  private int[] ids(int row) {
    return HostBatch.whole(batch.ids(), row * form.time(), form.time());
  }

  private int[] targets(int row) {
    return HostBatch.whole(batch.targets(), row * form.time(), form.time());
  }

  private float weight(int row, int place) {
    return batch.weights().get(row * form.time() + place);
  }

  /** Rows that count are those with a target, and their weights add up to what was promised. */
  private void assertWeights(Objective objective, long sequence, int row) {
    double sum = 0;
    int[] targets = targets(row);
    for (int place = 0; place < form.time(); place++) {
      assertEquals(targets[place] >= 0, weight(row, place) > 0, "place=" + place);
      sum += weight(row, place);
    }
    assertEquals(SCALE * objective.weight(sequence), sum, 1e-4);
  }

  @Test
  void shouldReadTheCorpusAsOneStream() {
    prepare(AddedTokens.GPT2, CorpusContent.TEXT, 30);
    Objective objective = objective(settings(ObjectiveKind.AUTO, Packing.AUTO));
    assertEquals(BatchForm.plain(BATCH, CONTEXT), form);
    for (long sequence = 0; sequence < SEQUENCES; sequence++) {
      objective.write(sequence, 1, SCALE, batch);
      int[] targets = targets(1);
      assertArrayEquals(
          Arrays.copyOfRange(ids(1), 1, CONTEXT), Arrays.copyOf(targets, CONTEXT - 1));
      int[] all = Arrays.copyOf(ids(1), CONTEXT + 1);
      all[CONTEXT] = targets[CONTEXT - 1];
      find(all);
      assertEquals(CONTEXT, objective.weight(sequence));
    }
  }

  /** Where the window of a sequence begins. */
  private int window(long sequence, int length) {
    return Math.toIntExact(
        new SequenceOrder.Shuffled(7).windows(corpus.length, length).applyAsLong(sequence));
  }

  private int find(int[] ids) {
    return IntStream.rangeClosed(0, corpus.length - ids.length)
        .filter(i -> Arrays.equals(corpus, i, i + ids.length, ids, 0, ids.length))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldKeepPackedDocumentsApart() {
    prepare(AddedTokens.GPT2, CorpusContent.TEXT, 30);
    Objective objective = objective(settings(ObjectiveKind.CAUSAL, Packing.PACKED));
    for (long sequence = 0; sequence < SEQUENCES; sequence++) {
      objective.write(sequence, 1, SCALE, batch);
      assertWeights(objective, sequence, 1);
      int at = window(sequence, CONTEXT + 1);
      assertArrayEquals(Arrays.copyOfRange(corpus, at, at + CONTEXT), ids(1));
      int[] first = HostBatch.whole(batch.visible().first(), CONTEXT, CONTEXT);
      int[] end = HostBatch.whole(batch.visible().end(), CONTEXT, CONTEXT);
      for (int i = 0; i < CONTEXT; i++) {
        long document = documents.at(at + i);
        assertEquals(Math.max(0, documents.begin(document) - at), first[i]);
        assertEquals(Math.min(CONTEXT, documents.end(document) - at), end[i]);
        boolean last = documents.end(document) == at + i + 1;
        assertEquals(last ? -1 : corpus[at + i + 1], targets(1)[i]);
      }
    }
  }

  @Test
  void shouldShowOneDocumentForEachSequence() {
    prepare(AddedTokens.GPT2, CorpusContent.TEXT, 30);
    Objective objective = objective(settings(ObjectiveKind.CAUSAL, Packing.PADDED));
    SequenceOrder.Shuffled order = new SequenceOrder.Shuffled(7);
    boolean cut = false;
    for (long sequence = 0; sequence < SEQUENCES; sequence++) {
      objective.write(sequence, 1, SCALE, batch);
      assertWeights(objective, sequence, 1);
      long document = order.items(150).applyAsLong(sequence);
      int length = (int) (documents.end(document) - documents.begin(document));
      int rows = Math.min(CONTEXT, length - 1);
      int[] shown = Arrays.copyOf(ids(1), rows);
      int[] whole =
          Arrays.copyOfRange(
              corpus, (int) documents.begin(document), (int) documents.end(document));
      int start =
          IntStream.rangeClosed(0, length - rows - 1)
              .filter(
                  i ->
                      Arrays.equals(whole, i, i + rows, shown, 0, rows)
                          && Arrays.equals(whole, i + 1, i + 1 + rows, targets(1), 0, rows))
              .findFirst()
              .orElseThrow();
      cut |= start > 0;
      assertEquals(rows, objective.weight(sequence));
    }
    assertTrue(cut);
  }

  @Test
  void shouldHideTokensOfAStream() {
    prepare(AddedTokens.BERT, CorpusContent.TEXT, 30);
    int masked = 0;
    int replaced = 0;
    int all = 0;
    for (Packing packing : List.of(Packing.STREAM, Packing.PACKED)) {
      Objective objective = objective(settings(ObjectiveKind.MASKED, packing));
      for (long sequence = 0; sequence < SEQUENCES; sequence++) {
        objective.write(sequence, 1, SCALE, batch);
        assertWeights(objective, sequence, 1);
        int[] ids = ids(1);
        int[] original = original(1);
        assertEquals(special.get("[CLS]"), ids[0]);
        assertEquals(special.get("[SEP]"), ids[CONTEXT - 1]);
        int[] tokens = Arrays.copyOfRange(original, 1, CONTEXT - 1);
        int at = window(sequence, CONTEXT - 2);
        assertArrayEquals(Arrays.copyOfRange(corpus, at, at + CONTEXT - 2), tokens);
        for (int place = 0; place < CONTEXT; place++) {
          if (targets(1)[place] >= 0) {
            assertTrue(targets(1)[place] < ObjectiveCorpus.LETTERS);
            all++;
            masked += ids[place] == special.get("[MASK]") ? 1 : 0;
            replaced += ids[place] != targets(1)[place] ? 1 : 0;
          }
        }
        if (packing == Packing.PACKED) {
          assertPassageIntervals(at, CONTEXT - 2);
        }
        assertEquals(3, objective.weight(sequence));
      }
    }
    assertEquals(0.8, (double) masked / all, 0.04);
    // One in twenty random tokens is the token itself.
    assertEquals(0.8 + 0.1 * 0.95, (double) replaced / all, 0.03);
  }

  /** The sequence before tokens were hidden. */
  private int[] original(int row) {
    int[] ids = ids(row);
    int[] targets = targets(row);
    return IntStream.range(0, ids.length).map(i -> targets[i] >= 0 ? targets[i] : ids[i]).toArray();
  }

  private void assertPassageIntervals(int at, int tokens) {
    int[] first = HostBatch.whole(batch.visible().first(), CONTEXT, CONTEXT);
    int[] end = HostBatch.whole(batch.visible().end(), CONTEXT, CONTEXT);
    for (int place = 0; place < CONTEXT; place++) {
      long document = documents.at(at + Math.min(tokens - 1, Math.max(0, place - 1)));
      long begins = documents.begin(document) - at;
      long ends = documents.end(document) - at;
      assertEquals(begins <= 0 ? 0 : begins + 1, first[place], "place=" + place);
      assertEquals(ends >= tokens ? CONTEXT : ends + 1, end[place], "place=" + place);
    }
  }

  @Test
  void shouldHideWholeWords() {
    prepare(AddedTokens.BERT, CorpusContent.TEXT, 30);
    WordPieces pieces = WordPieces.of(data.tokenizerJson());
    Objective objective =
        objective(
            new ObjectiveSettings(ObjectiveKind.MASKED, Packing.PADDED, 0.4f, 3, true, false));
    int whole = 0;
    int parts = 0;
    for (long sequence = 0; sequence < SEQUENCES; sequence++) {
      objective.write(sequence, 1, SCALE, batch);
      assertWeights(objective, sequence, 1);
      int[] original = original(1);
      int[] targets = targets(1);
      int cut = 0;
      for (int place = 2; place < CONTEXT; place++) {
        boolean joined =
            original[place] < ObjectiveCorpus.LETTERS
                && original[place - 1] < ObjectiveCorpus.LETTERS
                && pieces.joined(original[place - 1], original[place]);
        boolean half = (targets[place] >= 0) != (targets[place - 1] >= 0);
        cut += joined && half ? 1 : 0;
      }
      whole += cut == 0 ? 1 : 0;
      parts += cut == 0 ? 0 : 1;
      // Only where every word is too long is one cut, and then one.
      assertTrue(cut <= 1, "cut=" + cut);
    }
    assertTrue(whole > parts, "whole=" + whole + ", parts=" + parts);
  }

  @Test
  void shouldTellWhetherOneSegmentFollowsTheOther() {
    prepare(AddedTokens.BERT, CorpusContent.TEXT, 30);
    Objective objective =
        objective(new ObjectiveSettings(ObjectiveKind.MASKED, Packing.AUTO, 0.15f, 3, false, true));
    int following = 0;
    for (long sequence = 0; sequence < SEQUENCES; sequence++) {
      objective.write(sequence, 1, SCALE, batch);
      assertWeights(objective, sequence, 1);
      int[] ids = original(1);
      int[] segments = HostBatch.whole(batch.segments(), CONTEXT, CONTEXT);
      int label = HostBatch.whole(batch.labels(), 1, 1)[0];
      int second = (int) Arrays.stream(segments).filter(s -> s == 0).count();
      int end = HostBatch.whole(batch.visible().end(), CONTEXT, 1)[0];
      int separator = special.get("[SEP]");
      assertEquals(special.get("[CLS]"), ids[0]);
      assertEquals(separator, ids[second - 1]);
      assertEquals(separator, ids[end - 1]);
      int[] a = Arrays.copyOfRange(ids, 1, second - 1);
      int[] b = Arrays.copyOfRange(ids, second, end - 1);
      assertTrue(a.length > 0 && b.length > 0);
      if (label == 0) {
        find(IntStream.concat(Arrays.stream(a), Arrays.stream(b)).toArray());
        following++;
      } else {
        assertEquals(1, label);
        int[] begin = b;
        assertTrue(
            IntStream.range(0, (int) documents.documents())
                .map(document -> (int) documents.begin(document))
                .anyMatch(
                    at -> Arrays.equals(corpus, at, at + begin.length, begin, 0, begin.length)));
      }
      for (int place = end; place < CONTEXT; place++) {
        assertEquals(special.get("[PAD]"), ids[place]);
      }
    }
    assertEquals(0.5, (double) following / SEQUENCES, 0.12);
  }

  @Test
  void shouldCutSpansOutSoThatRowsAreFull() {
    prepare(AddedTokens.T5, CorpusContent.TEXT, 30);
    Objective objective = objective(settings(ObjectiveKind.SPAN_CORRUPTION, Packing.AUTO));
    assertEquals(CONTEXT, form.source());
    for (long sequence = 0; sequence < SEQUENCES; sequence++) {
      objective.write(sequence, 1, SCALE, batch);
      assertEquals(form.time(), Arrays.stream(targets(1)).filter(t -> t >= 0).count());
      find(restored(1));
      assertArrayEquals(
          new int[] {0}, HostBatch.whole(batch.crossVisible().first(), form.time(), 1));
      assertArrayEquals(
          new int[] {CONTEXT}, HostBatch.whole(batch.sourceVisible().end(), CONTEXT, 1));
    }
  }

  @Test
  void shouldCutSpansOutOfPaddedDocuments() {
    prepare(AddedTokens.T5, CorpusContent.TEXT, 30);
    Objective objective = objective(settings(ObjectiveKind.SPAN_CORRUPTION, Packing.PADDED));
    int nothing = 0;
    for (long sequence = 0; sequence < SEQUENCES; sequence++) {
      objective.write(sequence, 1, SCALE, batch);
      assertWeights(objective, sequence, 1);
      if (objective.weight(sequence) == 0) {
        nothing++;
      } else {
        find(restored(1));
      }
    }
    assertTrue(nothing > 0 && nothing < SEQUENCES / 5, "nothing=" + nothing);
  }

  /** The stretch that source and target were made of. */
  private int[] restored(int row) {
    int[] source = HostBatch.whole(batch.sourceIds(), row * form.source(), form.source());
    int[] targets = targets(row);
    List<Integer> tokens = new ArrayList<>();
    int end = special.get("</s>");
    for (int i = 0; source[i] != end || (i + 1 < source.length && isText(source[i + 1])); i++) {
      int span = source[i] - special.get("<extra_id_0>");
      if (span < 0) {
        tokens.add(source[i]);
        continue;
      }
      int at = indexOf(targets, source[i]) + 1;
      int next = special.get("<extra_id_" + (span + 1) + ">");
      for (; targets[at] != next && !(targets[at] == end && last(targets, at)); at++) {
        tokens.add(targets[at]);
      }
    }
    return tokens.stream().mapToInt(Integer::intValue).toArray();
  }

  private boolean isText(int id) {
    return id != special.get("<pad>");
  }

  private static boolean last(int[] targets, int at) {
    return at + 1 == targets.length || targets[at + 1] < 0;
  }

  private static int indexOf(int[] values, int value) {
    return IntStream.range(0, values.length)
        .filter(i -> values[i] == value)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldWriteTargetsForTheirSources() {
    prepare(AddedTokens.T5, CorpusContent.PAIRS, 30);
    Objective objective = objective(settings(ObjectiveKind.SEQUENCE_TO_SEQUENCE, Packing.AUTO));
    int padding = special.get("<pad>");
    int end = special.get("</s>");
    for (long sequence = 0; sequence < SEQUENCES; sequence++) {
      objective.write(sequence, 1, SCALE, batch);
      assertWeights(objective, sequence, 1);
      int[] targets = targets(1);
      int[] ids = ids(1);
      int length = (int) objective.weight(sequence);
      assertEquals(end, targets[length - 1]);
      assertEquals(padding, ids[0]);
      for (int i = 1; i < CONTEXT; i++) {
        assertEquals(i <= length ? targets[i - 1] : padding, ids[i]);
      }
      int[] source = HostBatch.whole(batch.sourceIds(), CONTEXT, CONTEXT);
      int sourceLength = HostBatch.whole(batch.crossVisible().end(), CONTEXT, 1)[0];
      assertEquals(end, source[sourceLength - 1]);
      assertEquals(length, sourceLength);
      for (int i = 0; i < length - 1 && length < CONTEXT; i++) {
        assertEquals(source[i], targets[length - 2 - i]);
      }
    }
  }

  @Test
  void shouldWriteTheSameAgain() {
    prepare(AddedTokens.BERT, CorpusContent.TEXT, 30);
    Objective objective = objective(settings(ObjectiveKind.MASKED, Packing.AUTO));
    objective.write(5, 0, SCALE, batch);
    int[] once = ids(0);
    objective.write(6, 0, SCALE, batch);
    objective.write(5, 1, SCALE, batch);
    assertArrayEquals(once, ids(1));
  }

  @Test
  void shouldNameWhatACorpusLacks() {
    prepare(AddedTokens.GPT2, CorpusContent.TEXT, 30);
    assertLacks(
        ObjectiveKind.MASKED,
        "training.objective=masked needs; prepare the corpus with --added-tokens bert, or with a"
            + " tokenizer that has it: token=[CLS] or <cls> or <s>");
    assertLacks(
        ObjectiveKind.SPAN_CORRUPTION,
        "--added-tokens t5, or with a tokenizer that has it: token=<pad> or [PAD]");
    assertLacks(
        ObjectiveKind.SEQUENCE_TO_SEQUENCE,
        "The corpus holds no pairs, but texts without targets; prepare pairs");
  }

  private void assertLacks(ObjectiveKind kind, String expected) {
    DataException e =
        assertThrows(DataException.class, () -> objective(settings(kind, Packing.AUTO)));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
  }
}
