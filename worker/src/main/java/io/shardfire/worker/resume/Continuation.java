package io.shardfire.worker.resume;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * A run beside the checkpoint that it is to continue.
 *
 * @param refusals why it does not, all of them
 * @param changes what was allowed to change and does, in the order of the table
 * @param unchanged what was allowed to change and is as it was; not an error in a restart of a run
 *     that has written checkpoints since the change
 */
public record Continuation(
    List<Refusal> refusals, List<SettingChange> changes, List<String> unchanged) {
  private static final String ALLOW = "--allow-change ";

  /** Copies. */
  public Continuation {
    refusals = List.copyOf(refusals);
    changes = List.copyOf(changes);
    unchanged = List.copyOf(unchanged);
  }

  /**
   * Compares all settings that both know.
   *
   * @param step of the checkpoint
   * @param then what the checkpoint records
   * @param now what the run is asked to do
   * @param allowed keys of settings that may differ
   */
  public static Continuation of(
      long step, RunSettings then, RunSettings now, Collection<String> allowed) {
    List<Refusal> refusals = new ArrayList<>();
    List<SettingChange> changes = new ArrayList<>();
    List<String> unchanged = new ArrayList<>();
    List<SettingChange> corpus = new ArrayList<>();
    for (Map.Entry<String, Object> setting : now.values().entrySet()) {
      String key = setting.getKey();
      Object before = then.values().getOrDefault(key, setting.getValue());
      SettingChange change = new SettingChange(step, key, before, setting.getValue());
      if (before.equals(setting.getValue())) {
        if (allowed.contains(key)) {
          unchanged.add(key);
        }
      } else if (key.startsWith(SettingClasses.CORPUS)) {
        corpus.add(change);
      } else if (SettingClasses.of(key) == SettingClass.FIXED) {
        refusals.add(fixed(change));
      } else if (allowed.contains(key)) {
        changes.add(change);
      } else {
        refusals.add(notAllowed(change));
      }
    }
    if (!corpus.isEmpty()) {
      refusals.add(otherCorpus(step, corpus));
    }
    return new Continuation(refusals, changes, unchanged);
  }

  private static Refusal fixed(SettingChange change) {
    return new Refusal(
        "The checkpoint of step "
            + change.step()
            + " was written with another "
            + change.key()
            + ", which cannot change within a run: "
            + values(change),
        "Set "
            + change.key()
            + "="
            + SettingText.of(change.from())
            + " to go on, or choose another run folder");
  }

  private static Refusal notAllowed(SettingChange change) {
    String meaning =
        change.key().equals("training.decaySteps") ? " (0 stands for training.steps)" : "";
    return new Refusal(
        "Another "
            + change.key()
            + meaning
            + " would change the course of the run after step "
            + change.step()
            + ": "
            + values(change),
        "Set "
            + change.key()
            + "="
            + SettingText.of(change.from())
            + " to go on as before, or give "
            + ALLOW
            + change.key()
            + " to change it from here on");
  }

  private static Refusal otherCorpus(long step, List<SettingChange> differences) {
    return new Refusal(
        "The checkpoint of step "
            + step
            + " was trained on another corpus: "
            + String.join("; ", differences.stream().map(Continuation::values).toList()),
        "Set data to the corpus that the run began with, or choose another run folder");
  }

  private static String values(SettingChange change) {
    return change.key()
        + "="
        + SettingText.of(change.to())
        + ", checkpoint="
        + SettingText.of(change.from());
  }
}
