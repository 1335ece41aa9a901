/** Random numbers that depend on keys alone: of initial values, samples, dropout and generation. */
package io.shardfire.worker.random;
