package io.shardfire.driver.plan;

import io.shardfire.worker.resume.SettingChange;
import java.util.List;

/** Where a run begins, and what becomes of what is in its folder. */
public sealed interface RunStart {
  /** What the run does first, in the infinitive: resume from step 20 of 40. */
  String deed();

  /** Settings that change when the run is resumed, because that was allowed. */
  default List<SettingChange> changes() {
    return List.of();
  }

  /** There is nothing in the folder. */
  record Fresh() implements RunStart {
    @Override
    public String deed() {
      return "start at step 0";
    }
  }

  /** It was asked to resume, and nothing is there to resume. */
  record Anew() implements RunStart {
    @Override
    public String deed() {
      return "start anew at step 0, for the run folder holds no checkpoint to resume";
    }
  }

  /**
   * What is there is deleted.
   *
   * @param deleted names of folders in the run folder
   */
  record Overwrite(List<String> deleted) implements RunStart {
    /** Copies. */
    public Overwrite {
      deleted = List.copyOf(deleted);
    }

    @Override
    public String deed() {
      return "overwrite the run folder (delete "
          + String.join(", ", deleted)
          + ") and start at step 0";
    }
  }

  /**
   * It goes on from a checkpoint.
   *
   * @param folder of the checkpoint
   */
  record Resume(long step, long steps, String folder, List<SettingChange> changes)
      implements RunStart {
    /** Copies. */
    public Resume {
      changes = List.copyOf(changes);
    }

    @Override
    public String deed() {
      return "resume from step " + step + " of " + steps + ", checkpoint " + folder;
    }
  }
}
