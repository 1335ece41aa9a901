/**
 * What models are trained for: which tokens of a prepared corpus a sequence shows, what is to be
 * predicted of it, and how much that counts. Sequences are pure functions of their number in the
 * run, and their weights follow from lengths alone, so that every rank knows the weight of the
 * whole global batch without reading the others' tokens.
 */
package io.shardfire.worker.objective;
