/** The compute device, its memory, and recorded commands. */
package io.shardfire.kernels.device;
