package io.shardfire.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ContextLengthTest {
  @Test
  void shouldCountTokensOrTrainedContexts() {
    assertEquals(100, ContextLength.parse("100").tokens(37));
    assertEquals(37, ContextLength.parse("T").tokens(37));
    assertEquals(148, ContextLength.parse(" 4t").tokens(37));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "0T", "-1", "1.5T", "TT", "9999999999"})
  void shouldRefuseAnythingElse(String text) {
    CommandException thrown = assertThrows(CommandException.class, () -> ContextLength.parse(text));
    assertEquals(
        "--context takes numbers of tokens from 1 on, or T, 2T, 4T for multiples of the trained"
            + " context: --context="
            + text,
        thrown.getMessage());
  }
}
