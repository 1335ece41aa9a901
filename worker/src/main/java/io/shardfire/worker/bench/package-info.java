/** Measurements of the whole training step. */
package io.shardfire.worker.bench;
