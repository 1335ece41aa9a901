package io.shardfire.kernels.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.DeviceRecord;
import io.shardfire.kernels.device.DeviceRecords;
import io.shardfire.kernels.device.Tunable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TunerTest {
  private static final DeviceRecord SHIPPED = DeviceRecords.shipped();
  private final List<Trial> trials = new ArrayList<>();
  private final List<String> progress = new ArrayList<>();

  private DeviceRecord search(Contest contest) {
    return new Tuner(contest, trials::add, progress::add).search(SHIPPED);
  }

  /** Every run of a candidate is faster by so much. */
  private static Outcome faster(double gain) {
    return new Outcome(gain, gain > 0 ? 1 : 0);
  }

  @Test
  void shouldKeepTheDefaultsWhereNothingGains() {
    DeviceRecord found = search((base, candidate, tunable) -> faster(0.02));
    assertEquals(Map.of(), found.differencesFrom(SHIPPED));
    assertEquals(
        TuningPlan.ROUNDS.stream()
            .flatMap(round -> round.values().values().stream())
            .mapToInt(List::size)
            .sum(),
        trials.size());
    assertEquals("round 1 of 6, values 1 of 3", progress.get(0));
  }

  @Test
  void shouldTakeTheLargestGainOfEachTunableAndBuildOnIt() {
    List<DeviceRecord> bases = new ArrayList<>();
    DeviceRecord found =
        search(
            (base, candidate, tunable) -> {
              if (tunable == Tunable.MATMUL_BLOCK_ROWS) {
                bases.add(base);
              }
              if (tunable == Tunable.MATMUL_TILE_PANELS) {
                return faster(candidate.value(tunable) == 4 ? 0.1 : 0.05);
              }
              return faster(tunable == Tunable.NORM_ROWS && candidate.value(tunable) == 32 ? 1 : 0);
            });
    assertEquals(
        Map.of(Tunable.MATMUL_TILE_PANELS, 4, Tunable.NORM_ROWS, 32),
        found.differencesFrom(SHIPPED));
    assertTrue(
        bases.stream().allMatch(base -> base.value(Tunable.MATMUL_TILE_PANELS) == 4),
        bases.toString());
    assertEquals("all winners against what is shipped", progress.get(progress.size() - 1));
  }

  @Test
  void shouldDropWhatWinsOnlyOnce() {
    DeviceRecord found =
        search(
            (base, candidate, tunable) -> {
              boolean last = candidate.differencesFrom(SHIPPED).size() == 2 && base == SHIPPED;
              return switch (tunable) {
                case GATED_ROWS -> faster(last ? 0.01 : 0.2);
                case GROUPS_PER_COMPUTE_UNIT -> faster(candidate.value(tunable) == 4 ? 0.2 : 0);
                default -> faster(0);
              };
            });
    assertEquals(Map.of(Tunable.GROUPS_PER_COMPUTE_UNIT, 4), found.differencesFrom(SHIPPED));
  }

  @Test
  void shouldTryEveryTunableWithinItsRange() {
    for (Tunable tunable : Tunable.values()) {
      List<Integer> values =
          TuningPlan.ROUNDS.stream()
              .flatMap(round -> round.values().getOrDefault(tunable, List.of()).stream())
              .toList();
      assertTrue(!values.isEmpty() && values.stream().allMatch(tunable::allows), tunable.key());
    }
  }
}
