/**
 * The modules that models are made of. Each is written once: it declares its parameters, records
 * its forward operations and, beside them, the backward ones, and computes the same in double
 * precision for the tests.
 *
 * <p>Shapes: B batch, T time, M = B*T rows, D model width, H heads, F feed-forward width, V
 * vocabulary size.
 */
package io.shardfire.worker.nn;
