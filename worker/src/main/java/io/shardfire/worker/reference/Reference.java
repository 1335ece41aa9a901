package io.shardfire.worker.reference;

import io.shardfire.kernels.ops.Precision;
import io.shardfire.kernels.reference.Bf16ProductOrder;
import io.shardfire.kernels.reference.HalfPrecisionReference;
import io.shardfire.worker.program.Pass;
import io.shardfire.worker.program.Scope;
import io.shardfire.worker.program.Value;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * One run of a model in double precision: what its modules ask for parameters and sizes, as they
 * ask a {@code Recording} for symbolic ones.
 */
public final class Reference {
  private final Pass pass;
  private final UnaryOperator<String> published;
  private final Map<String, double[]> parameters;
  private final DropoutFactors dropout;
  private final DoubleUnaryOperator rounding;
  private final DoubleUnaryOperator attentionRounding;
  private final Scope scope = new Scope();
  private final Tape tape = new Tape();
  private final Map<String, Tensor> used = new LinkedHashMap<>();
  private final Map<String, Integer> dropoutSites = new HashMap<>();
  private final Map<Value, int[]> inputs = new HashMap<>();

  /**
   * A run.
   *
   * @param published as of the {@code Recording}
   * @param parameters by their published names
   */
  public Reference(
      Pass pass,
      UnaryOperator<String> published,
      Map<String, double[]> parameters,
      DropoutFactors dropout) {
    this(pass, published, parameters, dropout, rounding(pass.precision()));
  }

  /**
   * As above.
   *
   * @param rounding of the operands of products, in place of the pass's precision
   */
  public Reference(
      Pass pass,
      UnaryOperator<String> published,
      Map<String, double[]> parameters,
      DropoutFactors dropout,
      DoubleUnaryOperator rounding) {
    this.pass = pass;
    this.published = published;
    this.parameters = parameters;
    this.dropout = dropout;
    this.rounding = rounding;
    this.attentionRounding =
        pass.precision() == Precision.FP16 ? DoubleUnaryOperator.identity() : rounding;
  }

  /** How a precision rounds the operands of products. */
  public static DoubleUnaryOperator rounding(Precision precision) {
    return switch (precision) {
      case FP32 -> DoubleUnaryOperator.identity();
      case BF16 -> value -> Bf16ProductOrder.round((float) value);
      case FP16 -> value -> HalfPrecisionReference.FP16.round((float) value);
    };
  }

  /** What is computed. */
  public Pass pass() {
    return pass;
  }

  /** On which everything is computed. */
  public Tape tape() {
    return tape;
  }

  /** a[m,k] b[k,n] of operands that are rounded to the precision of the pass. */
  public Tensor product(Tensor a, Tensor b) {
    return tape.product(a, b, false, rounding);
  }

  /** a[m,k] times the transpose of b[n,k], of operands that are rounded alike. */
  public Tensor productTransposed(Tensor a, Tensor b) {
    return tape.product(a, b, true, rounding);
  }

  /** Scores of queries[T,S] and keys[U,S], rounded as the precision has it of attention. */
  public Tensor scores(Tensor queries, Tensor keys) {
    return tape.product(queries, keys, true, attentionRounding);
  }

  /** {@link Tape#attend} with weights and values that are rounded alike. */
  public Tensor attend(Tensor scores, double[] factors, Tensor values) {
    return tape.attend(scores, factors, values, attentionRounding);
  }

  /** Says what the host wrote into a field of the batch. */
  public void give(Value field, int[] content) {
    inputs.put(field, content.clone());
  }

  /** What the host wrote into a field of the batch. */
  public int[] input(Value field) {
    int[] content = inputs.get(field);
    if (content == null) {
      throw new IllegalArgumentException("Nothing was given for a field: field=" + field);
    }
    return content;
  }

  /** Factors of dropped elements. */
  public DropoutFactors dropout() {
    return dropout;
  }

  /** Runs {@code body} below a name, as the recording does. */
  public <T> T scope(String name, Supplier<T> body) {
    return scope.below(name, body);
  }

  /** The parameter of a name in this scope. */
  public Tensor parameter(String name, int rows, int columns) {
    String key = published.apply(scope.path(name));
    return used.computeIfAbsent(key, unused -> tape.leaf(rows, columns, value(key)));
  }

  private double[] value(String key) {
    double[] value = parameters.get(key);
    if (value == null) {
      throw new IllegalArgumentException("No such parameter: parameter=" + key);
    }
    return value;
  }

  /** The number of a place where dropout applies, as the recording counts them. */
  public int dropoutSite(String name) {
    return dropoutSites.computeIfAbsent(scope.path(name), path -> dropoutSites.size());
  }

  /** The gradients of all parameters that were used, by published name. */
  public Map<String, double[]> gradients() {
    Map<String, double[]> gradients = new LinkedHashMap<>();
    used.forEach((name, tensor) -> gradients.put(name, tensor.gradient()));
    return gradients;
  }
}
