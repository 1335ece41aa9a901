package io.shardfire.driver.launch;

import io.shardfire.driver.monitor.Console;
import io.shardfire.driver.monitor.Figures;
import io.shardfire.driver.recovery.RunEnd;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.hadoop.fs.Path;

/**
 * What is said of a run that has ended, and what its user can go on from.
 *
 * @param run folder
 * @param steps that the run was to do
 * @param newestCheckpoint step of the newest valid checkpoint; -1 when there is none
 */
record RunConclusion(Path run, long steps, LongSupplier newestCheckpoint, Console console) {
  /**
   * The result of a run that has got to its last step, which is printed, too.
   *
   * @throws PretrainingException naming the root cause of one that has failed
   * @throws PretrainingCancelledException of one that was stopped
   */
  PretrainingResult of(RunEnd<RankOutcome> end, Duration elapsed) {
    if (end instanceof RunEnd.Completed<RankOutcome> completed) {
      RankOutcome outcome = completed.result();
      if (outcome.steps() < steps) {
        throw stopped();
      }
      PretrainingResult result =
          new PretrainingResult(
              outcome.steps(),
              outcome.skippedSteps(),
              outcome.validationLoss(),
              outcome.checkpoint(),
              completed.restarts(),
              elapsed);
      console.print(summary(result));
      return result;
    }
    if (end instanceof RunEnd.GivenUp<RankOutcome> givenUp) {
      throw new PretrainingException(
          givenUp.failure().headline() + "\n" + givenUp.reason() + ". " + howToGoOn());
    }
    throw stopped();
  }

  /** Of a run that was stopped on request. */
  PretrainingCancelledException stopped() {
    return new PretrainingCancelledException("The run was stopped. " + howToGoOn());
  }

  private String howToGoOn() {
    long newest = newestCheckpoint.getAsLong();
    return newest < 0
        ? "There is no checkpoint yet"
        : "The checkpoint of step "
            + newest
            + " is kept in "
            + run
            + "; go on from it with --resume";
  }

  private static String summary(PretrainingResult result) {
    return "done: "
        + result.steps()
        + " steps"
        + (result.skippedSteps() == 0 ? "" : ", " + result.skippedSteps() + " of them skipped,")
        + " in "
        + Figures.duration(result.elapsed())
        + ", validation loss "
        + Figures.fixed(result.validationLoss(), 4)
        + (result.restarts() == 0 ? "" : ", restarts " + result.restarts())
        + "\ncheckpoint  "
        + result.checkpoint();
  }
}
