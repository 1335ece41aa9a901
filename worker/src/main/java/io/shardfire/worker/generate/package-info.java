/** Generation from a checkpoint. */
package io.shardfire.worker.generate;
