/** Plain-Java double-precision references: the oracle of every kernel. */
package io.shardfire.kernels.reference;
