package io.shardfire.worker.inspect;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.Span;
import io.shardfire.worker.nn.AttentionEmission;
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
   * @throws IllegalArgumentException when there are no ids, or more than the model has positions
   *     for, or it is an encoder-decoder or recurrent
   * @throws io.shardfire.kernels.device.ComputeException when the model does not fit into memory
   */
  public static AttentionMaps of(ComputeContext compute, OpenModel model, int... ids) {
    if (model.model().hasSource()) {
      throw new IllegalArgumentException(
          "Attention is shown for models of one stack; an encoder-decoder reads a source besides:"
              + " model="
              + model.name()
              + ", kind="
              + model.model().kind());
    }
    if (model.model().recurrent()) {
      throw new IllegalArgumentException(
          "A recurrent model attends to nothing, so that there is nothing to show: model="
              + model.name()
              + ", cell="
              + model.model().cell());
    }
    if (ids.length == 0 || !model.reaches(ids.length)) {
      throw new IllegalArgumentException(
          "A text has at least one token, and no more than a model has learned positions for:"
              + " model="
              + model.name()
              + ", tokens="
              + ids.length
              + ", context="
              + model.model().context());
    }
    PlannedPass pass = PlannedPass.of(model.model(), 1, ids.length);
    ModelPlan plan = ModelPlan.of(List.of(pass));
    ProgramRecorder recorder =
        ModelMemory.allocate(compute, List.of(plan)).load(plan, model.weights());
    write(ids, recorder.span(pass.batch().ids()));
    return new AttentionMaps(layers(recorder, pass.program().operations()));
  }

  private static void write(int[] ids, Span span) {
    for (int i = 0; i < ids.length; i++) {
      span.set(i, ids[i]);
    }
    span.upload();
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
