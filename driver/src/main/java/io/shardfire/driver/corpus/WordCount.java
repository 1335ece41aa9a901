package io.shardfire.driver.corpus;

/** How often a pre-token stands in the training text. */
record WordCount(String word, long count) {}
