package io.shardfire.kernels.tuning;

import io.shardfire.kernels.device.Tunable;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Which values are tried, in rounds. The tunables of a round matter to different operations, so one
 * program holds a candidate of each: a round builds as many programs as its longest list has
 * values, and compiling is what takes the time.
 */
final class TuningPlan {
  private TuningPlan() {}

  /** The values to try per tunable. */
  record Round(Map<Tunable, List<Integer>> values) {
    /** Programs, or sets of launch sizes, that the round compares. */
    int steps() {
      return values.values().stream().mapToInt(List::size).max().orElse(0);
    }

    private Round and(Tunable tunable, Integer... candidates) {
      Map<Tunable, List<Integer>> more = new EnumMap<>(Tunable.class);
      more.putAll(values);
      more.put(tunable, Arrays.asList(candidates));
      return new Round(more);
    }
  }

  private static Round trying(Tunable tunable, Integer... candidates) {
    return new Round(Map.of()).and(tunable, candidates);
  }

  /** All rounds; a round starts from the winners of those before. */
  static final List<Round> ROUNDS =
      List.of(
          trying(Tunable.GROUPS_PER_COMPUTE_UNIT, 1, 3, 4),
          trying(Tunable.MATMUL_TILE_PANELS, 2, 4, 1)
              .and(Tunable.ELEMENTS_PER_TILE, 2048, 32_768, 16_384)
              .and(Tunable.MATVEC_TILE_PANELS, 2, 8, 6)
              .and(Tunable.MATVEC_B_ROWS, 16, 64, 128)
              .and(Tunable.NORM_ROWS, 4, 8, 32)
              .and(Tunable.GATED_ROWS, 2, 8, 16)
              .and(Tunable.ROPE_ROWS, 4, 16, 32)
              .and(Tunable.ADAFACTOR_ROWS, 4, 16, 32)
              .and(Tunable.EMBEDDING_ROWS, 4, 8, 32)
              .and(Tunable.SQUARE_SUM_BLOCKS_PER_TILE, 4, 8, 32),
          trying(Tunable.MATMUL_BLOCK_ROWS, 48, 144, 192),
          trying(Tunable.MATMUL_LARGEST_TILE_ROWS, 264, 1032),
          trying(Tunable.MATMUL_SMALLEST_TILE_ROWS, 30, 132),
          trying(Tunable.MATMUL_STREAMED_ROWS, 0, 2, 8, 16));
}
