package io.shardfire.jobs.command;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of tokens that a command was given: the number itself, or as {@code T}, {@code 2T},
 * {@code 4T} a multiple of the context that a model was trained at.
 *
 * @param relative whether {@code count} counts trained contexts instead of tokens
 */
public record ContextLength(int count, boolean relative) {
  private static final Pattern FORM = Pattern.compile("(\\d{0,9})([Tt]?)");

  /**
   * Reads an argument.
   *
   * @throws CommandException when it is neither form
   */
  public static ContextLength parse(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches() || matcher.group().isEmpty()) {
      throw wrong(text);
    }
    int count = matcher.group(1).isEmpty() ? 1 : Integer.parseInt(matcher.group(1));
    if (count < 1) {
      throw wrong(text);
    }
    return new ContextLength(count, !matcher.group(2).isEmpty());
  }

  private static CommandException wrong(String text) {
    return new CommandException(
        "--context takes numbers of tokens from 1 on, or T, 2T, 4T for multiples of the trained"
            + " context: --context="
            + text);
  }

  /** Tokens, for a model trained at a context. */
  public int tokens(int trained) {
    return relative ? Math.multiplyExact(count, trained) : count;
  }

  @Override
  public String toString() {
    return relative ? (count == 1 ? "" : count) + "T" : String.valueOf(count);
  }
}
