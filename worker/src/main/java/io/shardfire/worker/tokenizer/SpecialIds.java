package io.shardfire.worker.tokenizer;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The special tokens of a vocabulary. Immutable and thread-safe.
 *
 * @param byText ids of all of them
 * @param byRole ids of those whose use is known
 * @param begin as {@link Tokenizer#beginOfText()}
 */
public record SpecialIds(
    Map<String, Integer> byText, Map<TokenRole, Integer> byRole, OptionalInt begin) {
  /** Copies. */
  public SpecialIds {
    byText = Map.copyOf(byText);
    byRole = Map.copyOf(byRole);
  }

  /** Roles that name no special token of the vocabulary fall back on the names in use. */
  static SpecialIds of(TokenizerDocument document, Map<TokenRole, String> roles) {
    Map<String, Integer> byText = new LinkedHashMap<>();
    document.special().forEach(id -> byText.putIfAbsent(document.tokens().get(id), id));
    Map<TokenRole, Integer> byRole = new EnumMap<>(TokenRole.class);
    for (TokenRole role : TokenRole.values()) {
      Integer named = byText.get(roles.getOrDefault(role, ""));
      if (named != null) {
        byRole.put(role, named);
      } else {
        document.named(role.names()).ifPresent(id -> byRole.put(role, id));
      }
    }
    return new SpecialIds(
        byText,
        byRole,
        byRole.containsKey(TokenRole.MASK) ? OptionalInt.empty() : document.first());
  }

  /** The token of a role, if there is one. */
  public OptionalInt of(TokenRole role) {
    Integer id = byRole.get(role);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }
}
