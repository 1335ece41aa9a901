package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Tunable;

/** Sizes of tiles that follow from the operands. */
final class Tiles {
  private Tiles() {}

  /** Rows of a tile of an operation on whole rows: as many as make some elementwise tile. */
  static int rows(CommandRecorder recorder, int columns) {
    return Math.max(1, recorder.tuned(Tunable.ELEMENTS_PER_TILE) / columns);
  }

  /**
   * Columns of a tile of a sum over all rows: whole panels, as wide as leaves a tile for every
   * thread, because a wide tile reads long stretches of memory.
   */
  static int columns(CommandRecorder recorder, int columns) {
    int panel = recorder.panelColumns();
    long panels = Operands.tiles(columns, panel);
    return panel * (int) Operands.tiles(panels, recorder.computeUnits());
  }
}
