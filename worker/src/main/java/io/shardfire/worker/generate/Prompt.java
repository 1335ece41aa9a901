package io.shardfire.worker.generate;

/**
 * A text to continue.
 *
 * @param text may be empty, to start a document
 * @param seed of its first sample; those after it follow on
 */
public record Prompt(String text, long seed) {}
