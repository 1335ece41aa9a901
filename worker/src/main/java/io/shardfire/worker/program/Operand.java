package io.shardfire.worker.program;

/** What an operation reads or writes. */
public sealed interface Operand
    permits Value, Parameter, HalvedParameter, QuantizedParameter, ParameterGradient {
  /** As messages name it. */
  String name();
}
