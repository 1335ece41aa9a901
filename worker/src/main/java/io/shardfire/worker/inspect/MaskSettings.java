package io.shardfire.worker.inspect;

import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.objective.ObjectiveKind;
import io.shardfire.worker.objective.ObjectiveSettings;
import io.shardfire.worker.objective.Packing;
import io.shardfire.worker.resume.RunSettings;
import io.shardfire.worker.train.TrainerState;
import java.util.List;
import java.util.Optional;

/**
 * Which tokens of a sequence are hidden to evaluate an encoder. Of those, eight in ten are masked,
 * one is replaced and one is left, as in training (Devlin et al., 2019).
 *
 * @param share of a sequence's tokens, in (0, 1)
 * @param wholeWords whether all tokens of a word are hidden together
 */
public record MaskSettings(float share, boolean wholeWords) {
  private static final MaskSettings USUAL = new MaskSettings(0.15f, false);
  private static final String SHARE = "training.maskedShare";
  private static final String WHOLE_WORDS = "training.wholeWords";

  /**
   * Checks the share.
   *
   * @throws IllegalArgumentException when it is none
   */
  public MaskSettings {
    objective(share, wholeWords);
  }

  /**
   * Those of the runs that trained the models; what no run says is usual, 0.15 and single tokens.
   *
   * @param share instead of the runs'; or empty
   * @param wholeWords instead of the runs'; or empty
   * @throws IllegalArgumentException when runs differ in what is not given, naming both
   */
  public static MaskSettings of(
      List<OpenModel> models, Optional<Float> share, Optional<Boolean> wholeWords) {
    OpenModel first = null;
    MaskSettings agreed = USUAL;
    for (OpenModel model : models) {
      Optional<MaskSettings> trained = of(model).map(found -> found.changed(share, wholeWords));
      if (trained.isPresent() && first == null) {
        first = model;
        agreed = trained.get();
      } else if (trained.isPresent() && !trained.get().equals(agreed)) {
        throw new IllegalArgumentException(
            "Models that were trained with other masks are compared with the same ones; give"
                + " --masked-share and --whole-words: "
                + first.name()
                + " had "
                + agreed.summary()
                + ", "
                + model.name()
                + " had "
                + trained.get().summary());
      }
    }
    return agreed.changed(share, wholeWords);
  }

  /** Those of the run that wrote a checkpoint; empty for another's folder. */
  private static Optional<MaskSettings> of(OpenModel model) {
    if (!model.weights().folder().has(TrainerState.NAME)) {
      return Optional.empty();
    }
    RunSettings settings =
        TrainerState.read(model.weights().folder().document(TrainerState.NAME), model.model())
            .settings();
    return Optional.of(
        new MaskSettings(
            (Float) settings.values().getOrDefault(SHARE, USUAL.share),
            settings.values().getOrDefault(WHOLE_WORDS, "false").equals("true")));
  }

  private MaskSettings changed(Optional<Float> otherShare, Optional<Boolean> otherWords) {
    return new MaskSettings(otherShare.orElse(share), otherWords.orElse(wholeWords));
  }

  /** Packed documents with these masks. */
  ObjectiveSettings objective() {
    return objective(share, wholeWords);
  }

  private static ObjectiveSettings objective(float share, boolean wholeWords) {
    return new ObjectiveSettings(ObjectiveKind.MASKED, Packing.AUTO, share, 1, wholeWords, false)
        .resolved(Kind.ENCODER);
  }

  /** What people read above the losses. */
  public String summary() {
    return "share=" + share + (wholeWords ? ", whole words" : "");
  }
}
