package io.shardfire.kernels.tuning;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.DeviceRecord;
import io.shardfire.kernels.device.Tunable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeviceContestTest {
  private static final ComputeContext CONTEXT = ComputeContext.open(ComputeDevice.select("auto"));
  private static final Contest CONTEST = new DeviceContest(CONTEXT);

  @ParameterizedTest
  @EnumSource(Tunable.class)
  void shouldTimeTheOperationsOfEveryTunable(Tunable tunable) {
    DeviceRecord base = CONTEXT.record();
    DeviceRecord candidate =
        base.with(Tunable.GROUPS_PER_COMPUTE_UNIT, base.value(Tunable.GROUPS_PER_COMPUTE_UNIT) + 1);
    Outcome outcome = CONTEST.compare(base, candidate, tunable);
    assertTrue(outcome.gain() < 1, outcome.toString());
    assertTrue(outcome.wins() >= 0 && outcome.wins() <= 1, outcome.toString());
  }
}
