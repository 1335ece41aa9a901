package io.shardfire.driver.source;

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
    long bytes) {}
