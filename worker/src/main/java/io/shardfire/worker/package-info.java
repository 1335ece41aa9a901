/** One rank: data, model, training loop, generation. */
package io.shardfire.worker;
