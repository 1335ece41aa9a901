/** Measures the kernels against the ceilings of the device. */
package io.shardfire.kernels.bench;
