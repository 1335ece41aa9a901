/** The clusters that {@code scripts/test-clusters} runs on. */
package io.shardfire.clusters;
