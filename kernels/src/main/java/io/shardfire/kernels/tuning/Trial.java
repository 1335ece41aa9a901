package io.shardfire.kernels.tuning;

import io.shardfire.kernels.device.Tunable;

/**
 * One value that was tried.
 *
 * @param tunable what was changed
 * @param before its value so far
 * @param value the value tried
 * @param outcome how it did
 */
public record Trial(Tunable tunable, int before, int value, Outcome outcome) {}
