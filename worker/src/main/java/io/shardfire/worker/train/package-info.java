/** The training loop of one rank. */
package io.shardfire.worker.train;
