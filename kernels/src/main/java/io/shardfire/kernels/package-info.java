/** Compute kernels for transformers: see the sub-packages. */
package io.shardfire.kernels;
