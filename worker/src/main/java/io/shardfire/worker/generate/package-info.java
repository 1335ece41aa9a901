/**
 * Generation from a model folder: the decoder computes logits one token at a time, the sampler
 * draws from them.
 */
package io.shardfire.worker.generate;
