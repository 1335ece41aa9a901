package io.shardfire.driver.source;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What became of the rows of a source.
 *
 * @param source its name, or {@code sql}
 * @param rows read
 * @param filtered for which {@code where} did not hold
 * @param blank without a text, or with one of white space only
 * @param unlabelled with a text, but without a label
 * @param malformed whose messages are not all a role, which is one line, and a content
 * @param spelling whose messages spell a special token
 * @param exactDuplicates left out
 * @param nearDuplicates left out
 * @param documents left
 * @param weightedDocuments of these in the mixture, each as often as it stands there
 * @param bytes of UTF-8 text in the mixture
 */
public record SourceCounts(
    String source,
    long rows,
    long filtered,
    long blank,
    long unlabelled,
    long malformed,
    long spelling,
    long exactDuplicates,
    long nearDuplicates,
    long documents,
    long weightedDocuments,
    long bytes) {
  /** How many rows were left out, by why, in the order of the stages; none that are 0. */
  public Map<String, Long> leftOut() {
    Map<String, Long> reasons = new LinkedHashMap<>();
    reasons.put("for which where does not hold", filtered);
    reasons.put("without text", blank);
    reasons.put("without a label", unlabelled);
    reasons.put("with messages that are no list of roles and contents", malformed);
    reasons.put("with messages that spell a special token", spelling);
    reasons.put("exact duplicates", exactDuplicates);
    reasons.put("near duplicates", nearDuplicates);
    reasons.values().removeIf(count -> count == 0);
    return reasons;
  }

  /** In words, on one line. */
  String summary() {
    String reasons =
        leftOut().entrySet().stream()
            .map(
                reason ->
                    String.format(Locale.ROOT, ", %,d %s", reason.getValue(), reason.getKey()))
            .collect(Collectors.joining());
    return String.format(Locale.ROOT, "source=%s %,d rows read", source, rows) + reasons;
  }
}
