package io.shardfire.driver.corpus;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.data.TokenSplit;
import io.shardfire.worker.tokenizer.SpecialTokens;
import io.shardfire.worker.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;

class CorpusPreparationTest extends AbstractPreparationTest {
  @Test
  void shouldAskForTheHostsThatStoreAPart() {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session().sparkContext());
    List<CorpusPart> parts =
        List.of(
            new CorpusPart(0, List.of(), List.of("a", "b")),
            new CorpusPart(1, List.of(), List.of()));

    JavaRDD<CorpusPart> rdd = CorpusPart.distribute(parts, spark);

    assertEquals(parts, rdd.collect());
    assertEquals(
        List.of("a,b", ""),
        rdd.partitions().stream()
            .map(part -> rdd.rdd().preferredLocations(part).mkString(","))
            .toList());
  }

  @Test
  void shouldSplitOneTextOfCharactersContiguously() throws IOException {
    String text = String.join("\r\n", lines(40, 1)) + "\n\n";
    write("a.txt", text);

    PrepareReport report =
        run(
            settings()
                .documents(DocumentMode.FILE)
                .tokenizer(TokenizerKind.CHAR)
                .split(SplitMode.CONTIGUOUS)
                .validationFraction(0.1));

    int[] codePoints = text.codePoints().toArray();
    int train = (int) (codePoints.length * 0.9);
    assertEquals(text.substring(0, text.offsetByCodePoints(0, train)), decoded(TokenSplit.TRAIN));
    assertEquals(text.substring(text.offsetByCodePoints(0, train)), decoded(TokenSplit.VALIDATION));
    assertEquals(train, report.trainTokens());
    assertEquals(codePoints.length - train, report.validationTokens());
    assertEquals(Arrays.stream(codePoints).distinct().count(), report.vocabularySize());
    assertEquals(1, report.documents());
    assertEquals(text.getBytes(UTF_8).length, report.textBytes());
  }

  @Test
  void shouldCutTheSamePlaceHoweverTheWorkIsShared() throws IOException {
    write("a.txt", String.join("\n", lines(30, 1)));
    write("b.txt", String.join("\n", lines(30, 2)));
    PrepareConfigurationBuilder settings =
        settings()
            .tokenizer(TokenizerKind.CHAR)
            .split(SplitMode.CONTIGUOUS)
            .validationFraction(0.25)
            .overwrite(true);

    run(settings);
    List<String> whole = List.of(decoded(TokenSplit.TRAIN), decoded(TokenSplit.VALIDATION));
    PrepareReport report = run(settings.bytesPerTask(97));

    assertTrue(report.shards() > 10, "shards=" + report.shards());
    assertEquals(whole, List.of(decoded(TokenSplit.TRAIN), decoded(TokenSplit.VALIDATION)));
    List<String> lines = new ArrayList<>(lines(30, 1));
    lines.addAll(lines(30, 2));
    assertEquals(String.join("\n", lines) + "\n", String.join("", whole));
  }

  @Test
  void shouldDecodeToTheDocumentsThatBpeWasLearnedFrom() throws IOException {
    List<String> documents = lines(500, 3);
    write("a.txt", String.join("\n", documents));

    PrepareReport report = run(settings().vocabularySize(300).validationFraction(0.2));

    assertEquals(300, report.vocabularySize());
    assertEquals(documents.size(), report.documents());
    List<String> train = documents(TokenSplit.TRAIN);
    List<String> validation = documents(TokenSplit.VALIDATION);
    assertTrue(validation.size() > 50 && validation.size() < 150, "size=" + validation.size());
    assertEquals(new TreeSet<>(documents), union(train, validation));
    assertEquals(documents.size(), train.size() + validation.size());
    assertEquals(
        documents.stream().filter(new TreeSet<>(train)::contains).toList(),
        train,
        "order of the input");
  }

  @Test
  void shouldWriteTheSameTokensHoweverTheWorkIsShared() throws IOException {
    for (int file = 0; file < 5; file++) {
      write("file" + file + ".txt", String.join("\n", lines(60, file)) + "\n");
    }
    gzip("file2b.txt.gz", String.join("\n", lines(60, 9)));
    PrepareConfigurationBuilder settings =
        settings().vocabularySize(300).validationFraction(0.2).overwrite(true);

    run(settings.bytesPerTask(1 << 20));
    List<int[]> one = List.of(ids(TokenSplit.TRAIN), ids(TokenSplit.VALIDATION));
    String tokenizer = Files.readString(output.resolve("tokenizer.json"));
    run(settings.bytesPerTask(4000).tokensPerShard(100));
    List<int[]> several = List.of(ids(TokenSplit.TRAIN), ids(TokenSplit.VALIDATION));

    assertEquals(tokenizer, Files.readString(output.resolve("tokenizer.json")));
    assertArrayEquals(one.get(0), several.get(0));
    assertArrayEquals(one.get(1), several.get(1));
  }

  @Test
  void shouldWriteTheSameBytesTwice() throws IOException {
    write("a.txt", String.join("\n", lines(100, 5)));
    PrepareConfigurationBuilder settings =
        settings().vocabularySize(280).validationFraction(0.3).bytesPerTask(500).overwrite(true);

    run(settings);
    Map<String, String> first = contents();
    run(settings);

    assertEquals(first, contents());
  }

  @Test
  void shouldKeepDuplicatesOnOneSideAndMoveWithTheSeed() throws IOException {
    List<String> documents = lines(40, 6);
    write("a.txt", String.join("\n", documents) + "\n" + String.join("\n", documents));
    PrepareConfigurationBuilder settings =
        settings().vocabularySize(270).validationFraction(0.5).overwrite(true);

    run(settings);
    TreeSet<String> validation = new TreeSet<>(documents(TokenSplit.VALIDATION));
    List<String> train = documents(TokenSplit.TRAIN);
    run(settings.seed(2));

    assertTrue(train.stream().noneMatch(validation::contains));
    assertNotEquals(validation, new TreeSet<>(documents(TokenSplit.VALIDATION)));
  }

  @Test
  void shouldLearnFromTheTrainingTextOnly() throws IOException {
    write("a.txt", "ab ".repeat(50) + "xyxyxyxyxyxy");

    run(
        settings()
            .documents(DocumentMode.FILE)
            .vocabularySize(259)
            .split(SplitMode.CONTIGUOUS)
            .validationFraction(0.1));

    String json = Files.readString(output.resolve("tokenizer.json"));
    assertTrue(json.contains("\"ab\""), json);
    assertFalse(json.contains("\"xy\""), json);
  }

  @Test
  void shouldJoinBlocksByABlankLineWhereNoTokenEndsThem() throws IOException {
    write("a.txt", "a\nb\n\n\n\nc\n");

    PrepareReport report =
        run(
            settings()
                .documents(DocumentMode.BLANK_LINES)
                .tokenizer(TokenizerKind.CHAR)
                .validationFraction(0));

    assertEquals("a\nb\n\nc\n\n", decoded(TokenSplit.TRAIN));
    assertEquals(0, report.validationTokens());
    assertEquals(4, report.vocabularySize());
  }

  @Test
  void shouldEndDocumentsOfJsonLinesWithATokenOfCharacters() throws IOException {
    write("a.jsonl", "{\"body\":\"a\\nb\"}\n{\"body\":\"c\"}\n");

    PrepareReport report =
        run(
            settings()
                .documents(DocumentMode.JSON_LINES)
                .jsonField("body")
                .tokenizer(TokenizerKind.CHAR)
                .appendEndOfText(true)
                .validationFraction(0));

    assertEquals(List.of("a\nb", "c"), documents(TokenSplit.TRAIN));
    assertEquals(5, report.vocabularySize());
  }

  @Test
  void shouldTakeATypedEndOfTextForTextUnlessAskedToParseIt() throws IOException {
    String typed = "beginning <|endoftext|> termination";
    String merge = "\"< |\"";
    write("a.jsonl", ("{\"text\":\"" + typed + "\"}\n").repeat(20));
    for (TokenizerKind kind : TokenizerKind.values()) {
      PrepareConfigurationBuilder settings =
          settings()
              .documents(DocumentMode.JSON_LINES)
              .tokenizer(kind)
              .vocabularySize(270)
              .appendEndOfText(true)
              .validationFraction(0)
              .overwrite(true);

      run(settings);
      assertEquals(20, ends(), kind.name());
      assertEquals(typed.repeat(20), decoded(TokenSplit.TRAIN), kind.name());
      assertEquals(kind == TokenizerKind.BPE, json().contains(merge), kind.name());

      run(settings.specialTokens(SpecialTokens.PARSE));
      assertEquals(40, ends(), kind.name());
      assertEquals("beginning  termination".repeat(20), decoded(TokenSplit.TRAIN), kind.name());
      assertFalse(json().contains(merge), kind.name());
    }
  }

  private String json() throws IOException {
    return Files.readString(output.resolve("tokenizer.json"));
  }

  private long ends() throws IOException {
    try (Tokenizer tokenizer = tokenizer()) {
      int end = tokenizer.endOfText().getAsInt();
      return Arrays.stream(ids(TokenSplit.TRAIN)).filter(id -> id == end).count();
    }
  }

  @Test
  void shouldReportWhatItSkipped() throws IOException {
    write("a.txt", "abc\n");
    write("_b.txt", "xyz\n");
    Files.createSymbolicLink(input.resolve("z.txt"), input.resolve("a.txt"));

    PrepareReport report = run(settings().tokenizer(TokenizerKind.CHAR).validationFraction(0));

    assertEquals(1, report.files());
    assertEquals("abc\n", decoded(TokenSplit.TRAIN));
    assertEquals(
        List.of(
            "file:" + input + "/_b.txt: hidden, its name begins with . or _",
            "file:" + input + "/z.txt: the same as file:" + input + "/a.txt"),
        report.skipped().stream().map(SkippedInput::toString).toList());
  }

  @Test
  void shouldUseATokenizerAgain() throws IOException {
    write("a.txt", "abc\n".repeat(20));
    PrepareReport first = run(settings().tokenizer(TokenizerKind.CHAR).split(SplitMode.CONTIGUOUS));
    write("a.txt", "cab\n".repeat(20));
    Path tokenizer = output;
    output = folder.resolve("second");

    PrepareReport second =
        run(
            settings()
                .tokenizerPath(tokenizer.toString())
                .appendEndOfText(false)
                .split(SplitMode.CONTIGUOUS));

    assertEquals(first.vocabularyHash(), second.vocabularyHash());
    assertTrue(decoded(TokenSplit.TRAIN).startsWith("cab\ncab\n"));

    output = folder.resolve("third");
    write("b.txt", "abX\n");
    assertFails(
        "Cannot tokenize: file=file:%s/b.txt document-offset=0 reason=The vocabulary lacks a"
            + " character of the text: character=U+0058 'X'",
        settings().tokenizerPath(tokenizer.toString()).appendEndOfText(false));
    assertFails(
        "Tokenizer has no end-of-text token: tokenizer-path=" + tokenizer,
        settings().tokenizerPath(tokenizer.toString()));
    assertFails(
        "Cannot read tokenizer: tokenizer-path=" + folder + "/none reason=",
        settings().tokenizerPath(folder + "/none"));
    assertFails(
        "Not a usable tokenizer: tokenizer-path=%s/a.txt reason=",
        settings().tokenizerPath(input + "/a.txt"));
  }

  @Test
  void shouldTellHowItAdvances() throws IOException {
    write("a.txt", String.join("\n", lines(100, 8)));
    List<String> calls = new ArrayList<>();
    PrepareListener listener =
        new PrepareListener() {
          @Override
          public void began(PreparePhase phase, long total) {
            calls.add("began " + phase + " " + total);
          }

          @Override
          public void finished(PreparePhase phase, double seconds) {
            calls.add("finished " + phase);
          }
        };

    CorpusPreparation.run(
        session(),
        settings().vocabularySize(260).validationFraction(0).bytesPerTask(1 << 20).build(),
        listener);

    assertEquals(
        List.of(
            "began SCAN 1",
            "finished SCAN",
            "began COUNT 1",
            "finished COUNT",
            "began LEARN 259",
            "finished LEARN",
            "began TOKENIZE 1",
            "finished TOKENIZE",
            "began COMMIT 1",
            "finished COMMIT"),
        calls);
  }

  private List<String> documents(TokenSplit split) throws IOException {
    try (Tokenizer tokenizer = tokenizer()) {
      int end = tokenizer.endOfText().getAsInt();
      int[] ids = ids(split);
      assertEquals(end, ids[ids.length - 1]);
      List<String> documents = new ArrayList<>();
      int begin = 0;
      for (int i = 0; i < ids.length; i++) {
        if (ids[i] == end) {
          documents.add(tokenizer.decode(Arrays.copyOfRange(ids, begin, i)));
          begin = i + 1;
        }
      }
      return documents;
    }
  }

  private Map<String, String> contents() throws IOException {
    try (Stream<Path> files = Files.list(output)) {
      Map<String, String> contents = new TreeMap<>();
      for (Path file : files.collect(Collectors.toList())) {
        contents.put(
            file.getFileName().toString(), new String(Files.readAllBytes(file), ISO_8859_1));
      }
      return contents;
    }
  }

  private static Set<String> union(List<String> first, List<String> second) {
    Set<String> union = new TreeSet<>(first);
    union.addAll(second);
    return union;
  }

  private void gzip(String name, String text) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(input.resolve(name)))) {
      out.write(text.getBytes(UTF_8));
    }
  }
}
