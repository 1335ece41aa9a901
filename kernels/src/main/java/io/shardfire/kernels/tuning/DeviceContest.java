package io.shardfire.kernels.tuning;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.DeviceRecord;
import io.shardfire.kernels.device.Tunable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Runs operations on a device; keeps one set of operations per record that it has seen. */
final class DeviceContest implements Contest {
  private static final int RUNS = 61;
  private static final double RUN_SECONDS = 3e-3;

  private final ComputeContext context;

  /** By what differs in the values that kernels are compiled for. */
  private final Map<Map<Tunable, Integer>, ComputeContext> programs = new HashMap<>();

  private final Map<Map<Tunable, Integer>, TuningOperations> operations = new HashMap<>();

  DeviceContest(ComputeContext context) {
    this.context = context;
  }

  @Override
  public Outcome compare(DeviceRecord base, DeviceRecord candidate, Tunable tunable) {
    List<CommandBuffer> ours = operations(base).of(tunable);
    List<CommandBuffer> theirs = operations(candidate).of(tunable);
    seconds(theirs, 1);
    int repetitions = (int) Math.ceil(RUN_SECONDS / seconds(ours, 2) * 2);
    double[] baseSeconds = new double[RUNS + 1];
    double[] candidateSeconds = new double[RUNS];
    baseSeconds[0] = seconds(ours, repetitions);
    for (int run = 0; run < RUNS; run++) {
      // Strictly by turns: what slows the machine down falls on both, and each run finds the caches
      // full of the other's operands.
      candidateSeconds[run] = seconds(theirs, repetitions);
      baseSeconds[run + 1] = seconds(ours, repetitions);
    }
    return Outcome.of(baseSeconds, candidateSeconds);
  }

  private TuningOperations operations(DeviceRecord record) {
    return operations.computeIfAbsent(
        record.differencesFrom(context.record()),
        differences -> new TuningOperations(program(record, differences).with(record)));
  }

  private ComputeContext program(DeviceRecord record, Map<Tunable, Integer> differences) {
    Map<Tunable, Integer> compiled = new HashMap<>(differences);
    compiled.keySet().removeIf(tunable -> !tunable.isMacro());
    return programs.computeIfAbsent(compiled, unseen -> context.with(record));
  }

  private static double seconds(List<CommandBuffer> commands, int repetitions) {
    long start = System.nanoTime();
    for (int repetition = 0; repetition < repetitions; repetition++) {
      for (CommandBuffer each : commands) {
        each.run();
      }
    }
    return (System.nanoTime() - start) * 1e-9;
  }
}
