/**
 * Models, forward and backward by hand over the kernels. {@link
 * io.shardfire.worker.model.Gpt2Parameters} says which tensors there are, {@link
 * io.shardfire.worker.model.Gpt2Activations} where a pass keeps its results, and {@link
 * io.shardfire.worker.model.Gpt2} records the operations between them.
 */
package io.shardfire.worker.model;
