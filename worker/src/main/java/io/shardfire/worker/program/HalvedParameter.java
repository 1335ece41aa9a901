package io.shardfire.worker.program;

/**
 * A parameter in bf16, two in the word of one float: for operations that read it as it is, and to
 * be unpacked for others.
 */
public record HalvedParameter(Parameter parameter) implements Operand {
  @Override
  public String name() {
    return parameter.name() + " in bf16";
  }
}
