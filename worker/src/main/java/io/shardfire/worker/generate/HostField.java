package io.shardfire.worker.generate;

import io.shardfire.kernels.device.Span;

/** Whole numbers as floats, which the host writes and then uploads. */
final class HostField {
  private HostField() {}

  static void write(Span span, int index, int value) {
    span.arena().array()[span.offset() + index] = value;
  }
}
