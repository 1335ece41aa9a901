package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.tokenizer.TokenRole;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Corpora of tokenizers that others made. */
class PublishedTokenizerPreparationTest extends AbstractPreparationTest {
  /** As Llama's: a token before a text, and one that ends it by another name than usual. */
  private static final String UNIGRAM =
      """
      {
        "added_tokens": [
          {"id": 0, "content": "<unk>", "special": true, "single_word": false, "lstrip": false,
           "rstrip": false, "normalized": false},
          {"id": 1, "content": "<begin>", "special": true, "single_word": false, "lstrip": false,
           "rstrip": false, "normalized": false},
          {"id": 2, "content": "<over>", "special": true, "single_word": false, "lstrip": false,
           "rstrip": false, "normalized": false}],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always",
          "split": true},
        "post_processor": {"type": "TemplateProcessing",
          "single": [{"SpecialToken": {"id": "<begin>", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}}],
          "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
          "special_tokens": {"<begin>": {"id": "<begin>", "ids": [1], "tokens": ["<begin>"]}}},
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always",
          "split": true},
        "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false, "vocab": [
          ["<unk>", 0], ["<begin>", 0], ["<over>", 0], ["▁", -2], ["a", -2], ["b", -2],
          ["▁a", -2.5], ["ab", -3]]}
      }
      """;

  private Path published() throws IOException {
    Path published = Files.createDirectory(folder.resolve("published"));
    Files.writeString(published.resolve("tokenizer.json"), UNIGRAM);
    Files.writeString(
        published.resolve("tokenizer_config.json"),
        "{\"eos_token\": \"<over>\", \"chat_template\": \"kept\"}");
    return published;
  }

  @Test
  void shouldMarkDocumentsAsTheFilesSay() throws IOException {
    write("a.txt", "A b\n<over> \u00e9\nab a\n");

    run(settings().tokenizerPath(published().toString()).validationFraction(0).bytesPerTask(4));

    List<Integer> expected = new ArrayList<>();
    try (Tokenizer tokenizer = tokenizer()) {
      for (String line : List.of("A b", "<over> \u00e9", "ab a")) {
        expected.add(1);
        IntStream.of(tokenizer.encode(line)).forEach(expected::add);
        expected.add(2);
      }
      assertArrayEquals(new int[] {6, 3, 5}, tokenizer.encode("A b"));
    }
    assertEquals(expected, IntStream.of(ids(TokenSplit.TRAIN)).boxed().toList());
    try (TokenDataset data = open()) {
      assertEquals(2, data.tokenizer().specialIds().of(TokenRole.END).getAsInt());
      assertTrue(data.tokenizer().configuration().contains("\"chat_template\" : \"kept\""));
      assertEquals(3, data.documents(TokenSplit.TRAIN).documents());
    }
  }

  @Test
  void shouldBeginNoStretchThatIsNotTheFirstOfItsDocument() throws IOException {
    write("a.txt", "ab ab ab ab\n");

    run(
        settings()
            .tokenizerPath(published().toString())
            .split(SplitMode.CONTIGUOUS)
            .validationFraction(0.5));

    assertEquals(1, ids(TokenSplit.TRAIN)[0]);
    int[] rest = ids(TokenSplit.VALIDATION);
    assertTrue(IntStream.of(rest).noneMatch(id -> id == 1));
    assertEquals(2, rest[rest.length - 1]);
  }

  @Test
  void shouldNotMarkTheBeginningOfPairs() throws IOException {
    write("a.tsv", "a\tb\n");

    run(
        settings()
            .tokenizerPath(published().toString())
            .documents(DocumentMode.PAIRS)
            .validationFraction(0));

    assertArrayEquals(new int[] {6, 2, 3, 5, 2}, ids(TokenSplit.TRAIN));
  }

  @Test
  void shouldSayHowToReadAFolderWithoutTokenizerJson() throws IOException {
    write("a.txt", "a\n");
    Path marian = Files.createDirectory(folder.resolve("marian"));
    Files.createFile(marian.resolve("source.spm"));
    Files.createFile(marian.resolve("vocab.json"));
    assertFails(
        "Cannot read tokenizer: tokenizer-path="
            + marian
            + " reason=Folder has no tokenizer.json; a pair of SentencePiece models, as Marian's,",
        settings().tokenizerPath(marian.toString()));
  }
}
