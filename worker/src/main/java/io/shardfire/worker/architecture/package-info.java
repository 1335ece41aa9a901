/**
 * The families of models: a configuration becomes modules here, and nowhere else. A state
 * dictionary names a family's tensors as its published checkpoints do.
 */
package io.shardfire.worker.architecture;
