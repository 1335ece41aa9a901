package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A corpus prepared today has the bytes of one prepared before: the hashes are of what was written
 * when every document was encoded by the library as a whole, and words were counted in a pass of
 * their own.
 */
class PreparedBytesTest extends AbstractPreparationTest {
  private static final String[] PARTS = {
    " ",
    "  ",
    "\t",
    "\u00A0",
    "\u3000",
    "\u0085",
    "\u2028",
    "\r",
    "the",
    " the",
    " of",
    "cat",
    "Zz",
    "\u00E9",
    "e\u0301",
    "\u65E5\u672C",
    "7",
    "42",
    "\u00BD",
    "'s",
    "'",
    "'re",
    "don't",
    "!",
    "...",
    "\u2014",
    "\uD83D\uDE00",
    "\u200B",
    "\u0000",
    "\uFFFD",
    "\uFEFF",
    "\uD835\uDD38",
    "\uD802\uDD40",
    "<|endoftext|>",
    "-----",
    "\u0130",
    "\u05E9\u05DC"
  };

  /** They name paths and times, or what versions differ in. */
  private static final Set<String> UNHASHED =
      Set.of("index.json", "tokenizer_config.json", "provenance.json");

  private static String text() {
    Random random = new Random(5);
    StringBuilder text = new StringBuilder();
    for (int line = 0; line < 3000; line++) {
      int parts = 1 + random.nextInt(30);
      for (int part = 0; part < parts; part++) {
        text.append(PARTS[random.nextInt(PARTS.length)]);
      }
      text.append('\n');
    }
    return text.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "HASHED, 18a2fb468318dfa98e5224eea65199af2eb16b8d25ac20d22f58dd1a39c40b9f",
    "CONTIGUOUS, b7ef91bd1f7e2262e09b2eae4715b3b4ca46d89dca5ed0c17579ac1affa9e30a"
  })
  void shouldWriteTheBytesOfEarlierVersions(SplitMode split, String expected)
      throws IOException, NoSuchAlgorithmException {
    write("a.txt", text());

    run(settings().vocabularySize(600).validationFraction(0.1).bytesPerTask(50_000).split(split));

    assertEquals(expected, hash());
  }

  private static boolean hashed(Path file) {
    return !UNHASHED.contains(file.getFileName().toString());
  }

  /** Of the shards and tokenizer.json, in the order of their names. */
  private String hash() throws IOException, NoSuchAlgorithmException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (Stream<Path> files = Files.list(output)) {
      for (Path file : files.filter(PreparedBytesTest::hashed).sorted().toList()) {
        digest.update(Files.readAllBytes(file));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
