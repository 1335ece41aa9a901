package io.shardfire.worker.architecture;

import io.shardfire.kernels.ops.Activation.Function;
import java.util.List;
import java.util.stream.Collectors;

/** Hugging Face's names of activation functions; the first of a function's is the one written. */
final class ActivationNames {
  private static final List<Named> ALL =
      List.of(
          new Named("gelu", Function.GELU),
          new Named("gelu_new", Function.GELU_TANH),
          new Named("gelu_pytorch_tanh", Function.GELU_TANH),
          new Named("relu", Function.RELU),
          new Named("silu", Function.SILU),
          new Named("swish", Function.SILU),
          new Named("tanh", Function.TANH));

  private ActivationNames() {}

  private record Named(String name, Function function) {}

  /** The name of a function. */
  static String of(Function function) {
    return ALL.stream()
        .filter(named -> named.function() == function)
        .findFirst()
        .orElseThrow()
        .name();
  }

  /**
   * The function of a name.
   *
   * @param key where the name stands
   * @throws IllegalArgumentException naming key and value when there is none
   */
  static Function read(String key, String name) {
    return ALL.stream()
        .filter(named -> named.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                ConfigurationKeys.unsupported(
                    key, name, ALL.stream().map(Named::name).collect(Collectors.joining(", "))))
        .function();
  }
}
