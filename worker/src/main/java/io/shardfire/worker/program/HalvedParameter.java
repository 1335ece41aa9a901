package io.shardfire.worker.program;

/** A parameter in bf16, two in the word of one float: to be unpacked, and not to compute with. */
public record HalvedParameter(Parameter parameter) implements Operand {
  @Override
  public String name() {
    return parameter.name() + " in bf16";
  }
}
