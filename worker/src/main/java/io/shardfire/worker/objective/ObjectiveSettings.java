package io.shardfire.worker.objective;

import io.shardfire.worker.architecture.ModelConfiguration;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.resume.SettingText;

/**
 * What is trained for, as far as a configuration says.
 *
 * @param kind what is predicted
 * @param packing how documents become sequences
 * @param maskedShare of the tokens that are to be predicted, in (0, 1); masked and span-corruption
 * @param meanSpan mean length of a span that is cut out, at least 1; span-corruption
 * @param wholeWords whether all tokens of a word are hidden together; masked
 * @param nextSentence whether sequences are two segments, and whether the second follows the first
 *     is to be predicted, too; masked
 */
public record ObjectiveSettings(
    ObjectiveKind kind,
    Packing packing,
    float maskedShare,
    float meanSpan,
    boolean wholeWords,
    boolean nextSentence) {
  /** Checks every value, and that those which are given go together. */
  public ObjectiveSettings {
    require(
        maskedShare > 0 && maskedShare < 1,
        "maskedShare",
        maskedShare,
        "set it between 0 and 1, for example 0.15");
    require(
        meanSpan >= 1 && Float.isFinite(meanSpan),
        "meanSpan",
        meanSpan,
        "set it to 1 token or more, for example 3");
    require(
        !wholeWords || kind == ObjectiveKind.MASKED || kind == ObjectiveKind.AUTO,
        "wholeWords",
        wholeWords,
        "it belongs to training.objective=masked");
    require(
        !nextSentence || kind == ObjectiveKind.MASKED || kind == ObjectiveKind.AUTO,
        "nextSentence",
        nextSentence,
        "it belongs to training.objective=masked");
    require(
        !nextSentence || packing == Packing.PADDED || packing == Packing.AUTO,
        "packing",
        SettingText.name(packing),
        "with training.nextSentence a sequence is two segments; set it to padded or auto");
    require(
        kind != ObjectiveKind.SEQUENCE_TO_SEQUENCE
            || packing == Packing.PADDED
            || packing == Packing.AUTO,
        "packing",
        SettingText.name(packing),
        "with training.objective=sequence-to-sequence a sequence is one pair; set it to padded or"
            + " auto");
    require(
        kind != ObjectiveKind.SPAN_CORRUPTION || packing != Packing.PACKED,
        "packing",
        SettingText.name(packing),
        "spans that are cut out have no document of their own; with"
            + " training.objective=span-corruption set it to stream, padded or auto");
  }

  private static void require(boolean holds, String name, Object value, String remedy) {
    if (!holds) {
      throw new IllegalArgumentException(
          "Training setting out of range; " + remedy + ": " + name + "=" + value);
    }
  }

  /** The same with the values that take effect for a kind of model: nothing is left open. */
  public ObjectiveSettings resolved(Kind model) {
    ObjectiveKind chosen = kind == ObjectiveKind.AUTO ? usual(model) : kind;
    Packing suitable =
        switch (chosen) {
          case MASKED -> nextSentence ? Packing.PADDED : Packing.PACKED;
          case SEQUENCE_TO_SEQUENCE -> Packing.PADDED;
          default -> Packing.STREAM;
        };
    return new ObjectiveSettings(
        chosen,
        packing == Packing.AUTO ? suitable : packing,
        maskedShare,
        meanSpan,
        wholeWords && chosen == ObjectiveKind.MASKED,
        nextSentence && chosen == ObjectiveKind.MASKED);
  }

  private static ObjectiveKind usual(Kind model) {
    return switch (model) {
      case DECODER -> ObjectiveKind.CAUSAL;
      case ENCODER -> ObjectiveKind.MASKED;
      case ENCODER_DECODER -> ObjectiveKind.SEQUENCE_TO_SEQUENCE;
    };
  }

  private static Kind kindFor(ObjectiveKind objective) {
    return switch (objective) {
      case AUTO, CAUSAL -> Kind.DECODER;
      case MASKED -> Kind.ENCODER;
      case SPAN_CORRUPTION, SEQUENCE_TO_SEQUENCE -> Kind.ENCODER_DECODER;
    };
  }

  /**
   * Checks that a model can learn this; of resolved settings.
   *
   * @throws IllegalArgumentException naming what does not go together, with the remedy
   */
  public void require(ModelConfiguration model) {
    if (kindFor(kind) != model.kind()) {
      throw new IllegalArgumentException(
          "This kind of model is not for this objective; set training.objective=auto, or"
              + " model.kind="
              + SettingText.name(kindFor(kind))
              + ": model.kind="
              + SettingText.name(model.kind())
              + ", training.objective="
              + SettingText.name(kind));
    }
    if (nextSentence && !(model.sentenceHead() && model.segments() > 1)) {
      throw new IllegalArgumentException(
          "The model cannot tell two segments apart, or has nothing to predict a class with; set"
              + " model.segments=2 and model.sentenceHead=true, or training.nextSentence=false:"
              + " model.segments="
              + model.segments()
              + ", model.sentenceHead="
              + model.sentenceHead());
    }
  }

  /** What people read above a run. */
  public String summary() {
    String shares =
        switch (kind) {
          case MASKED ->
              ", share="
                  + maskedShare
                  + (wholeWords ? ", whole words" : "")
                  + (nextSentence ? ", next sentence" : "");
          case SPAN_CORRUPTION -> ", share=" + maskedShare + ", mean span=" + meanSpan;
          default -> "";
        };
    return SettingText.name(kind) + ", packing=" + SettingText.name(packing) + shares;
  }

  /**
   * Which fields the micro-batches of a model have; of resolved settings.
   *
   * @throws IllegalArgumentException when the model is not for this, or too short
   */
  public BatchForm form(int microBatch, ModelConfiguration model) {
    require(model);
    boolean stream = packing == Packing.STREAM;
    boolean packed = packing == Packing.PACKED;
    int context = model.context();
    int source = model.source();
    return switch (kind) {
      case AUTO -> throw new IllegalStateException("The objective has not been resolved: " + this);
      case CAUSAL ->
          stream
              ? BatchForm.plain(microBatch, context)
              : new BatchForm(microBatch, context, 0, true, packed, false, false);
      case MASKED ->
          new BatchForm(
              microBatch, context, 0, true, !stream, model.segments() > 0, model.sentenceHead());
      case SPAN_CORRUPTION -> {
        int target = SpanLengths.of(source, maskedShare, meanSpan).target();
        yield new BatchForm(microBatch, target, source, !stream, false, false, false);
      }
      case SEQUENCE_TO_SEQUENCE ->
          new BatchForm(microBatch, context, source, true, false, false, false);
    };
  }
}
