package io.shardfire.kernels.tuning;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeException;
import io.shardfire.kernels.device.DeviceRecord;
import io.shardfire.kernels.device.DeviceRecords;
import io.shardfire.kernels.device.KernelForm;
import io.shardfire.kernels.device.Tunable;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Searches the sizes of a device one by one, starting from what is shipped for it. What wins must
 * win twice: in its round, and at the end, all winners together against the start.
 */
public final class Tuner {
  private final Contest contest;
  private final Consumer<Trial> listener;
  private final Consumer<String> progress;

  Tuner(Contest contest, Consumer<Trial> listener, Consumer<String> progress) {
    this.contest = contest;
    this.listener = listener;
    this.progress = progress;
  }

  /**
   * The fastest record found. Builds some ten programs, which takes a minute or two where the
   * compiler has not seen them.
   *
   * @param listener gets every trial
   * @param progress gets a line before each part that takes long
   * @throws ComputeException when the device has kernels of the GPU form: nothing of it is tuned
   */
  public static DeviceRecord tune(
      ComputeContext context, Consumer<Trial> listener, Consumer<String> progress) {
    if (context.form() != KernelForm.CPU) {
      throw new ComputeException(
          "Only kernels of the CPU form can be tuned; choose a CPU device: device="
              + context.device().name()
              + ", form="
              + context.form());
    }
    return new Tuner(new DeviceContest(context), listener, progress)
        .search(DeviceRecords.shipped(context.device()));
  }

  DeviceRecord search(DeviceRecord start) {
    DeviceRecord best = start;
    int number = 0;
    for (TuningPlan.Round round : TuningPlan.ROUNDS) {
      number++;
      Map<Tunable, Trial> winners = new EnumMap<>(Tunable.class);
      for (int step = 0; step < round.steps(); step++) {
        progress.accept(
            "round "
                + number
                + " of "
                + TuningPlan.ROUNDS.size()
                + ", values "
                + (step + 1)
                + " of "
                + round.steps());
        tryValues(round, step, best, winners);
      }
      for (Trial winner : winners.values()) {
        best = best.with(winner.tunable(), winner.value());
      }
    }
    return confirmed(start, best);
  }

  private void tryValues(
      TuningPlan.Round round, int step, DeviceRecord best, Map<Tunable, Trial> winners) {
    DeviceRecord candidate = best;
    for (var entry : round.values().entrySet()) {
      if (step < entry.getValue().size()) {
        candidate = candidate.with(entry.getKey(), entry.getValue().get(step));
      }
    }
    for (Map.Entry<Tunable, Integer> tried : candidate.differencesFrom(best).entrySet()) {
      Tunable tunable = tried.getKey();
      Trial trial =
          new Trial(
              tunable,
              best.value(tunable),
              tried.getValue(),
              contest.compare(best, candidate, tunable));
      listener.accept(trial);
      Trial winner = winners.get(tunable);
      if (trial.outcome().won()
          && (winner == null || trial.outcome().gain() > winner.outcome().gain())) {
        winners.put(tunable, trial);
      }
    }
  }

  /** Of many values tried some look better by chance: those that do not win again go back. */
  private DeviceRecord confirmed(DeviceRecord start, DeviceRecord best) {
    DeviceRecord confirmed = best;
    Map<Tunable, Integer> changes = best.differencesFrom(start);
    if (!changes.isEmpty()) {
      progress.accept("all winners against what is shipped");
    }
    for (Map.Entry<Tunable, Integer> change : changes.entrySet()) {
      Tunable tunable = change.getKey();
      Trial trial =
          new Trial(
              tunable,
              start.value(tunable),
              change.getValue(),
              contest.compare(start, best, tunable));
      listener.accept(trial);
      if (!trial.outcome().won()) {
        confirmed = confirmed.with(tunable, start.value(tunable));
      }
    }
    return confirmed;
  }
}
