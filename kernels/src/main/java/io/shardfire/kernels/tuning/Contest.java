package io.shardfire.kernels.tuning;

import io.shardfire.kernels.device.DeviceRecord;
import io.shardfire.kernels.device.Tunable;

/** Times the operations that a tunable matters to, under two records side by side. */
@FunctionalInterface
interface Contest {
  /** How the second record did against the first. */
  Outcome compare(DeviceRecord base, DeviceRecord candidate, Tunable tunable);
}
