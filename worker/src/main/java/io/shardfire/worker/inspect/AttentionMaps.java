package io.shardfire.worker.inspect;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.worker.nn.AttentionEmission;
import io.shardfire.worker.nn.BatchSpans;
import io.shardfire.worker.program.Operation;
import io.shardfire.worker.program.ProgramRecorder;
import java.util.ArrayList;
import java.util.List;

/**
 * The attention weights of one sequence in every attention of a model.
 *
 * @param layers in the order that the model computes them
 */
public record AttentionMaps(List<AttentionLayer> layers) {
  /** Copies. */
  public AttentionMaps {
    layers = List.copyOf(layers);
  }

  /**
   * Runs a model over a sequence, which may be longer than those it was trained on where no table
   * of positions was.
   *
   * @throws IllegalArgumentException when there are no ids, more than the model has positions for,
   *     or ones that it lacks, there is a source where the model reads none, or it is recurrent
   * @throws io.shardfire.kernels.device.ComputeException when the model does not fit into memory
   */
  public static AttentionMaps of(ComputeContext compute, OpenModel model, AttendedText text) {
    require(model, text);
    PlannedPass pass =
        PlannedPass.of(model.model(), model.format(), 1, text.ids().size(), text.source().size());
    ModelPlan plan = ModelPlan.of(List.of(pass));
    ProgramRecorder recorder =
        ModelMemory.allocate(compute, List.of(plan)).load(plan, model.weights());
    BatchSpans batch = BatchSpans.of(pass.batch(), recorder);
    pass.write(text.ids(), text.source(), batch);
    return new AttentionMaps(layers(recorder, pass.program().operations()));
  }

  private static void require(OpenModel model, AttendedText text) {
    if (model.model().hasSource() != !text.source().isEmpty()) {
      throw new IllegalArgumentException(
          "An encoder-decoder reads a source besides, and no other model does: model="
              + model.name()
              + ", kind="
              + model.model().kind()
              + ", source tokens="
              + text.source().size());
    }
    if (model.model().recurrent()) {
      throw new IllegalArgumentException(
          "A recurrent model attends to nothing, so that there is nothing to show: model="
              + model.name()
              + ", cell="
              + model.model().cell());
    }
    int tokens = text.ids().size();
    requireFits(model, "tokens", tokens, tokens > 0 && model.reaches(tokens));
    int source = text.source().size();
    requireFits(model, "source tokens", source, model.reachesSource(source));
    model.requireKnown(text.ids());
    model.requireKnown(text.source());
  }

  private static void requireFits(OpenModel model, String which, int tokens, boolean fits) {
    if (!fits) {
      throw new IllegalArgumentException(
          "A text has at least one token, and no more than a model has learned positions for:"
              + " model="
              + model.name()
              + ", "
              + which
              + "="
              + tokens
              + ", context="
              + (which.equals("tokens") ? model.model().context() : model.model().source()));
    }
  }

  /** Stops before each attention; what comes after the last is of no interest. */
  private static List<AttentionLayer> layers(ProgramRecorder recorder, List<Operation> operations) {
    List<AttentionLayer> layers = new ArrayList<>();
    List<Operation> before = new ArrayList<>();
    for (Operation operation : operations) {
      if (operation.emission() instanceof AttentionEmission emission) {
        recorder.record("up to " + operation.name(), before, false).run();
        AttentionProbe probe = new AttentionProbe(recorder, operation, emission);
        layers.add(new AttentionLayer(place(operation), probe.shape(), probe.weights()));
        probe.run();
        before.clear();
      } else {
        before.add(operation);
      }
    }
    return layers;
  }

  /** Operations are named after what they make, within its module. */
  private static String place(Operation operation) {
    return operation.name().substring(0, operation.name().lastIndexOf(' '));
  }
}
