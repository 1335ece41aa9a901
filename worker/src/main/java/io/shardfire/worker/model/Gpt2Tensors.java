package io.shardfire.worker.model;

import io.shardfire.kernels.device.Arena;
import io.shardfire.kernels.device.Span;
import io.shardfire.sharding.layout.FlatRange;
import io.shardfire.sharding.layout.ShardLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A model's tensors in an arena: its parameters, or its gradients, which are laid out alike. Names
 * and shapes are those of {@link Gpt2Parameters}.
 */
public record Gpt2Tensors(
    Span tokens, Span positions, List<Block> blocks, Span normWeight, Span normBias) {

  /** The tensors of one transformer block. */
  public record Block(
      Span norm1Weight,
      Span norm1Bias,
      Span qkvWeight,
      Span qkvBias,
      Span attentionWeight,
      Span attentionBias,
      Span norm2Weight,
      Span norm2Bias,
      Span expandWeight,
      Span expandBias,
      Span contractWeight,
      Span contractBias) {}

  /** Copies. */
  public Gpt2Tensors {
    blocks = List.copyOf(blocks);
  }

  /** The tensors of {@code layout} in {@code arena}. */
  public static Gpt2Tensors of(Gpt2Configuration model, ShardLayout layout, Arena arena) {
    Finder finder = new Finder(layout, arena);
    List<Block> blocks = new ArrayList<>();
    for (int layer = 0; layer < model.layers(); layer++) {
      blocks.add(finder.block("h." + layer + "."));
    }
    return new Gpt2Tensors(
        finder.span("wte.weight"),
        finder.span("wpe.weight"),
        blocks,
        finder.span("ln_f.weight"),
        finder.span("ln_f.bias"));
  }

  private record Finder(ShardLayout layout, Arena arena) {
    Span span(String name) {
      FlatRange range = layout.tensor(Gpt2Parameters.PREFIX + name);
      return arena.span(range.offset(), range.length());
    }

    Block block(String prefix) {
      return new Block(
          span(prefix + "ln_1.weight"),
          span(prefix + "ln_1.bias"),
          span(prefix + "attn.c_attn.weight"),
          span(prefix + "attn.c_attn.bias"),
          span(prefix + "attn.c_proj.weight"),
          span(prefix + "attn.c_proj.bias"),
          span(prefix + "ln_2.weight"),
          span(prefix + "ln_2.bias"),
          span(prefix + "mlp.c_fc.weight"),
          span(prefix + "mlp.c_fc.bias"),
          span(prefix + "mlp.c_proj.weight"),
          span(prefix + "mlp.c_proj.bias"));
    }
  }
}
