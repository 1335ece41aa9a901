/** Typed operations: each validates its operands and records itself. */
package io.shardfire.kernels.ops;
