/** Finds the sizes of a {@link io.shardfire.kernels.device.DeviceRecord} that are fastest here. */
package io.shardfire.kernels.tuning;
