package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PrepareConfigurationTest {
  @Test
  void shouldEndDocumentsWithATokenUnlessCharactersAreLearned() {
    assertTrue(builder().build().appendEndOfText());
    assertFalse(builder().tokenizer(TokenizerKind.CHAR).build().appendEndOfText());
    assertTrue(
        builder().tokenizer(TokenizerKind.CHAR).tokenizerPath("t").build().appendEndOfText());
    assertTrue(
        builder().tokenizer(TokenizerKind.CHAR).appendEndOfText(true).build().appendEndOfText());
  }

  @Test
  void shouldNameTheSettingThatIsOutOfRange() {
    assertInvalid(
        "vocabularySize=256. Choose from 257 (the 256 bytes and <|endoftext|>) to 16777216",
        settings -> settings.vocabularySize(256));
    assertInvalid(
        "validationFraction=1.0. Choose at least 0 and less than 1, for example 0.05",
        settings -> settings.validationFraction(1));
    assertInvalid(
        "validationFraction=NaN. Choose at least 0 and less than 1, for example 0.05",
        settings -> settings.validationFraction(Double.NaN));
    assertInvalid(
        "jsonField= . Give the name of the field that holds the text",
        settings -> settings.documents(DocumentMode.JSON_LINES).jsonField(" "));
    assertInvalid("tokensPerShard=0. Choose at least 1", settings -> settings.tokensPerShard(0));
    assertInvalid(
        "bytesPerTask=-1. Choose 0 (automatic) or more", settings -> settings.bytesPerTask(-1));
  }

  @Test
  void shouldWantInputAndOutput() {
    assertEquals(
        "Invalid preparation setting: input=[]. Give at least one path or glob, none of them blank",
        message(PrepareConfiguration.builder(List.of(), "out")));
    assertEquals(
        "Invalid preparation setting: output=. Give the folder to make",
        message(PrepareConfiguration.builder(List.of("in"), "")));
  }

  @Test
  void shouldIgnoreTheVocabularySizeWhenNothingIsLearned() {
    assertEquals(
        1, builder().tokenizer(TokenizerKind.CHAR).vocabularySize(1).build().vocabularySize());
    assertEquals(1, builder().tokenizerPath("t").vocabularySize(1).build().vocabularySize());
  }

  private static PrepareConfigurationBuilder builder() {
    return PrepareConfiguration.builder(List.of("in"), "out");
  }

  private static void assertInvalid(
      String expected, UnaryOperator<PrepareConfigurationBuilder> change) {
    assertEquals("Invalid preparation setting: " + expected, message(change.apply(builder())));
  }

  private static String message(PrepareConfigurationBuilder settings) {
    return assertThrows(IllegalArgumentException.class, settings::build).getMessage();
  }
}
