package io.shardfire.driver.corpus;

import java.io.Serializable;

/** How often a pre-token stands in the training text. */
record WordCount(String word, long count) implements Serializable {}
