package io.shardfire.worker.program;

/**
 * An operation's part of a parameter's gradient.
 *
 * @param first whether no operation of the program has written the gradient before
 */
public record ParameterGradient(Parameter parameter, boolean first) implements Operand {
  @Override
  public String name() {
    return parameter.name() + " gradient";
  }
}
