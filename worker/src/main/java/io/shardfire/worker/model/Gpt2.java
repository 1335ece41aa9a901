package io.shardfire.worker.model;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.DeviceMemory;
import io.shardfire.sharding.layout.ShardLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A GPT-2 model over arenas: pre-LayerNorm blocks, learned positions, tanh GELU, tied unembedding
 * (Radford et al., 2019), forward and backward by hand. It records command buffers; running one is
 * the only thing a training step does. Confined to the thread that owns the memory.
 *
 * <p>Before a run, the caller writes {@link Gpt2Activations#ids()}, {@link
 * Gpt2Activations#targets()} and, with dropout, {@link Gpt2Activations#dropoutKey()} into the
 * activation arena. After it, {@link Gpt2Activations#losses()} holds one loss per row, and the
 * gradient arena the gradients, laid out like the parameters.
 */
public final class Gpt2 {
  private final Gpt2Configuration model;
  private final Gpt2Activations plan;
  private final DeviceMemory memory;
  private final Arena activations;
  private final Gpt2Tensors parameters;
  private final Gpt2Tensors gradients;

  private Gpt2(
      Gpt2Configuration model,
      Gpt2Activations plan,
      DeviceMemory memory,
      Arena activations,
      Gpt2Tensors parameters,
      Gpt2Tensors gradients) {
    this.model = model;
    this.plan = plan;
    this.memory = memory;
    this.activations = activations;
    this.parameters = parameters;
    this.gradients = gradients;
  }

  /**
   * A model over allocated arenas.
   *
   * @param layout where tensors lie in {@code parameters} and {@code gradients}
   * @param plan where activations lie in {@code activations}
   */
  public static Gpt2 of(
      Gpt2Configuration model,
      ShardLayout layout,
      Gpt2Activations plan,
      DeviceMemory memory,
      Arena parameters,
      Arena gradients,
      Arena activations) {
    return new Gpt2(
        model,
        plan,
        memory,
        activations,
        Gpt2Tensors.of(model, layout, parameters),
        Gpt2Tensors.of(model, layout, gradients));
  }

  /** Where the activations lie. */
  public Gpt2Activations plan() {
    return plan;
  }

  /** Records the losses of a micro-batch, without dropout and without gradients. */
  public CommandBuffer evaluation() {
    CommandRecorder recorder = memory.record("evaluation");
    Gpt2Forward forward = forward(false);
    recordBlocks(recorder, forward);
    forward.losses(recorder);
    return recorder.finish();
  }

  /**
   * Records forward and backward of a micro-batch as one buffer.
   *
   * @param accumulate gradients are added to what the arena holds; otherwise overwritten
   * @param gradientScale what each row's loss is multiplied by before differentiation
   */
  public CommandBuffer pass(boolean accumulate, float gradientScale) {
    CommandRecorder recorder = memory.record(accumulate ? "accumulating pass" : "first pass");
    Gpt2Forward forward = forward(true);
    Gpt2Backward backward = new Gpt2Backward(forward, gradients, accumulate);
    recordBlocks(recorder, forward);
    backward.head(recorder, gradientScale);
    for (int layer = model.layers() - 1; layer >= 0; layer--) {
      backward.block(recorder, layer);
    }
    backward.embedding(recorder);
    return recorder.finish();
  }

  /**
   * A pass cut by unit, to be run as forward 0, 1, …, then backward …, 1, 0. Forward u reads the
   * parameters of units up to u only, so those of later units may still be on their way; after
   * backward u the gradients of unit u are final.
   */
  public record UnitPass(List<CommandBuffer> forward, List<CommandBuffer> backward) {}

  /** Records the same as {@link #pass}, cut by unit. */
  public UnitPass passByUnit(boolean accumulate, float gradientScale) {
    Gpt2Forward forward = forward(true);
    Gpt2Backward backward = new Gpt2Backward(forward, gradients, accumulate);
    List<CommandBuffer> forwards = new ArrayList<>();
    List<CommandBuffer> backwards = new ArrayList<>();
    forwards.add(buffer("embedding forward", forward::embedding));
    backwards.add(buffer("embedding backward", backward::embedding));
    for (int i = 0; i < model.layers(); i++) {
      int layer = i;
      String name = "block-" + layer;
      forwards.add(buffer(name + " forward", recorder -> forward.block(recorder, layer)));
      backwards.add(buffer(name + " backward", recorder -> backward.block(recorder, layer)));
    }
    forwards.add(buffer("head forward", forward::norm));
    backwards.add(buffer("head backward", recorder -> backward.head(recorder, gradientScale)));
    return new UnitPass(List.copyOf(forwards), List.copyOf(backwards));
  }

  private CommandBuffer buffer(String name, Consumer<CommandRecorder> commands) {
    CommandRecorder recorder = memory.record(name);
    commands.accept(recorder);
    return recorder.finish();
  }

  private void recordBlocks(CommandRecorder recorder, Gpt2Forward forward) {
    forward.embedding(recorder);
    for (int layer = 0; layer < model.layers(); layer++) {
      forward.block(recorder, layer);
    }
    forward.norm(recorder);
  }

  private Gpt2Forward forward(boolean training) {
    DropoutSites dropout =
        training && model.dropout() > 0
            ? new DropoutSites(model.dropout(), plan.dropoutKey().in(activations))
            : null;
    return new Gpt2Forward(model, plan, parameters, activations, dropout);
  }
}
