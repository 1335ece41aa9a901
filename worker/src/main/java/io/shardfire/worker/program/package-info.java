/**
 * Programs: what a model computes, as operations over values that have no place in memory yet.
 *
 * <p>A model is run once, at start, with symbolic values. It declares its parameters, emits its
 * forward operations and leaves its backward ones to be emitted in reverse order. The result is a
 * {@link io.shardfire.worker.program.Program}: what is planned, sharded, recomputed or cut into
 * stages is this program, and what a step runs are the command buffers recorded from it.
 */
package io.shardfire.worker.program;
