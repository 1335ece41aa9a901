package io.shardfire.worker.reference;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntBinaryOperator;

/**
 * Reverse-mode differentiation over matrices in double precision, written to be read. Every
 * operation computes its result and notes how the gradient of the result reaches its operands.
 */
public final class Tape {
  private final Deque<Runnable> steps = new ArrayDeque<>();

  /** A matrix that is given, such as a parameter. */
  public Tensor leaf(int rows, int columns, double[] values) {
    return new Tensor(rows, columns, values);
  }

  private Tensor result(int rows, int columns) {
    return new Tensor(rows, columns, new double[rows * columns]);
  }

  /**
   * Propagates {@code seed} as the gradient of every element of {@code y} to all that led there.
   */
  public void differentiate(Tensor y, double seed) {
    Arrays.fill(y.gradient(), seed);
    while (!steps.isEmpty()) {
      steps.pop().run();
    }
  }

  /** a[m,k] b[k,n]. */
  public Tensor product(Tensor a, Tensor b) {
    return product(a, b, false, DoubleUnaryOperator.identity());
  }

  /** a[m,k] times the transpose of b[n,k]. */
  public Tensor productTransposed(Tensor a, Tensor b) {
    return product(a, b, true, DoubleUnaryOperator.identity());
  }

  /**
   * a[m,k] b[k,n], or b[n,k] transposed, of rounded operands. The products of the gradients round
   * theirs too, and the gradient of rounding is 1.
   */
  Tensor product(Tensor a, Tensor b, boolean transposed, DoubleUnaryOperator rounding) {
    int n = transposed ? b.rows() : b.columns();
    int inner = a.columns();
    if (inner != (transposed ? b.columns() : b.rows())) {
      throw new IllegalArgumentException(
          "The inner sizes of a product differ: a="
              + inner
              + ", b="
              + b.rows()
              + "x"
              + b.columns());
    }
    Tensor y = result(a.rows(), n);
    IntBinaryOperator atB = transposed ? (p, j) -> j * inner + p : (p, j) -> p * n + j;
    double[] left = Arrays.stream(a.values()).map(rounding).toArray();
    double[] right = Arrays.stream(b.values()).map(rounding).toArray();
    for (int i = 0; i < a.rows(); i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int p = 0; p < inner; p++) {
          sum += left[i * inner + p] * right[atB.applyAsInt(p, j)];
        }
        y.values()[i * n + j] = sum;
      }
    }
    steps.push(
        () -> {
          for (int i = 0; i < a.rows(); i++) {
            for (int j = 0; j < n; j++) {
              double gradient = rounding.applyAsDouble(y.gradient()[i * n + j]);
              for (int p = 0; p < inner; p++) {
                a.gradient()[i * inner + p] += gradient * right[atB.applyAsInt(p, j)];
                b.gradient()[atB.applyAsInt(p, j)] += gradient * left[i * inner + p];
              }
            }
          }
        });
    return y;
  }

  /** a + b. */
  public Tensor add(Tensor a, Tensor b) {
    Tensor y = result(a.rows(), a.columns());
    for (int i = 0; i < y.values().length; i++) {
      y.values()[i] = a.values()[i] + b.values()[i];
    }
    steps.push(
        () -> {
          for (int i = 0; i < y.values().length; i++) {
            a.gradient()[i] += y.gradient()[i];
            b.gradient()[i] += y.gradient()[i];
          }
        });
    return y;
  }

  /** The element-wise product of two matrices of one shape. */
  public Tensor multiply(Tensor a, Tensor b) {
    Tensor y = result(a.rows(), a.columns());
    for (int i = 0; i < y.values().length; i++) {
      y.values()[i] = a.values()[i] * b.values()[i];
    }
    steps.push(
        () -> {
          for (int i = 0; i < y.values().length; i++) {
            a.gradient()[i] += y.gradient()[i] * b.values()[i];
            b.gradient()[i] += y.gradient()[i] * a.values()[i];
          }
        });
    return y;
  }

  /** Every row of x times, element by element, the one row of {@code factors}. */
  public Tensor multiplyRows(Tensor x, Tensor factors) {
    return multiply(x, gather(factors, new int[x.rows()]));
  }

  /** The one row of {@code bias} added to every row of x. */
  public Tensor addRow(Tensor x, Tensor bias) {
    return add(x, gather(bias, new int[x.rows()]));
  }

  /** x times constants, one for every element. */
  public Tensor scale(Tensor x, double... factors) {
    Tensor y = result(x.rows(), x.columns());
    for (int i = 0; i < y.values().length; i++) {
      y.values()[i] = x.values()[i] * factors[i % factors.length];
    }
    steps.push(
        () -> {
          for (int i = 0; i < y.values().length; i++) {
            x.gradient()[i] += y.gradient()[i] * factors[i % factors.length];
          }
        });
    return y;
  }

  /** A function of every element. */
  public Tensor map(Tensor x, DoubleUnaryOperator function, DoubleUnaryOperator derivative) {
    Tensor y = result(x.rows(), x.columns());
    Arrays.setAll(y.values(), i -> function.applyAsDouble(x.values()[i]));
    steps.push(
        () -> {
          for (int i = 0; i < y.values().length; i++) {
            x.gradient()[i] += y.gradient()[i] * derivative.applyAsDouble(x.values()[i]);
          }
        });
    return y;
  }

  /** Row {@code rows[i]} of the table as row i: an embedding, or a repetition. */
  public Tensor gather(Tensor table, int[] rows) {
    int width = table.columns();
    Tensor y = result(rows.length, width);
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(table.values(), rows[i] * width, y.values(), i * width, width);
    }
    steps.push(
        () -> {
          for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < width; j++) {
              table.gradient()[rows[i] * width + j] += y.gradient()[i * width + j];
            }
          }
        });
    return y;
  }

  /** A part of a matrix. */
  public Tensor slice(Tensor x, int fromRow, int rows, int fromColumn, int columns) {
    Tensor y = result(rows, columns);
    copy(x.values(), x.columns(), fromRow, fromColumn, y.values(), columns, 0, 0, rows, columns);
    steps.push(
        () -> {
          for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
              x.gradient()[(fromRow + i) * x.columns() + fromColumn + j] +=
                  y.gradient()[i * columns + j];
            }
          }
        });
    return y;
  }

  /** A matrix of equal blocks, {@code across} side by side, row of blocks by row of blocks. */
  public Tensor tile(List<Tensor> blocks, int across) {
    int height = blocks.get(0).rows();
    int width = blocks.get(0).columns();
    Tensor y = result(blocks.size() / across * height, across * width);
    for (int k = 0; k < blocks.size(); k++) {
      copy(
          blocks.get(k).values(),
          width,
          0,
          0,
          y.values(),
          y.columns(),
          k / across * height,
          k % across * width,
          height,
          width);
    }
    steps.push(
        () -> {
          for (int k = 0; k < blocks.size(); k++) {
            for (int i = 0; i < height; i++) {
              for (int j = 0; j < width; j++) {
                blocks.get(k).gradient()[i * width + j] +=
                    y.gradient()[(k / across * height + i) * y.columns() + k % across * width + j];
              }
            }
          }
        });
    return y;
  }

  /** Matrices of one height, side by side. */
  public Tensor beside(List<Tensor> parts) {
    int height = parts.get(0).rows();
    Tensor y = result(height, parts.stream().mapToInt(Tensor::columns).sum());
    int column = 0;
    for (Tensor part : parts) {
      int width = part.columns();
      int from = column;
      copy(part.values(), width, 0, 0, y.values(), y.columns(), 0, from, height, width);
      steps.push(
          () -> {
            for (int i = 0; i < part.gradient().length; i++) {
              int at = i / width * y.columns() + from + i % width;
              part.gradient()[i] += y.gradient()[at];
            }
          });
      column += width;
    }
    return y;
  }

  /** The same elements in rows of another length. */
  public Tensor reshape(Tensor x, int rows, int columns) {
    Tensor y = leaf(rows, columns, x.values().clone());
    steps.push(
        () -> {
          for (int i = 0; i < y.gradient().length; i++) {
            x.gradient()[i] += y.gradient()[i];
          }
        });
    return y;
  }

  private static void copy(
      double[] from,
      int fromStride,
      int fromRow,
      int fromColumn,
      double[] to,
      int toStride,
      int toRow,
      int toColumn,
      int rows,
      int columns) {
    for (int i = 0; i < rows; i++) {
      System.arraycopy(
          from,
          (fromRow + i) * fromStride + fromColumn,
          to,
          (toRow + i) * toStride + toColumn,
          columns);
    }
  }

  /** Every row less its mean. */
  public Tensor centre(Tensor x) {
    int width = x.columns();
    Tensor y = result(x.rows(), width);
    for (int row = 0; row < x.rows(); row++) {
      double mean = mean(x.values(), row, width);
      for (int j = 0; j < width; j++) {
        y.values()[row * width + j] = x.values()[row * width + j] - mean;
      }
    }
    steps.push(
        () -> {
          for (int row = 0; row < x.rows(); row++) {
            double mean = mean(y.gradient(), row, width);
            for (int j = 0; j < width; j++) {
              x.gradient()[row * width + j] += y.gradient()[row * width + j] - mean;
            }
          }
        });
    return y;
  }

  private static double mean(double[] x, int row, int width) {
    double sum = 0;
    for (int j = 0; j < width; j++) {
      sum += x[row * width + j];
    }
    return sum / width;
  }

  /** Every row divided by the root of its mean square plus epsilon. */
  public Tensor divideByRootMeanSquare(Tensor x, double epsilon) {
    int width = x.columns();
    Tensor y = result(x.rows(), width);
    double[] scales = new double[x.rows()];
    for (int row = 0; row < x.rows(); row++) {
      double squares = 0;
      for (int j = 0; j < width; j++) {
        squares += x.values()[row * width + j] * x.values()[row * width + j];
      }
      scales[row] = 1 / StrictMath.sqrt(squares / width + epsilon);
      for (int j = 0; j < width; j++) {
        y.values()[row * width + j] = x.values()[row * width + j] * scales[row];
      }
    }
    steps.push(
        () -> {
          for (int row = 0; row < x.rows(); row++) {
            double dot = 0;
            for (int j = 0; j < width; j++) {
              dot += y.gradient()[row * width + j] * y.values()[row * width + j];
            }
            for (int j = 0; j < width; j++) {
              x.gradient()[row * width + j] +=
                  scales[row]
                      * (y.gradient()[row * width + j] - y.values()[row * width + j] * dot / width);
            }
          }
        });
    return y;
  }

  /**
   * softmax(scores[m,k]) values[k,n], each weight times a factor of its own; zero where all scores
   * of a row are minus infinity. Rounded are, as attention does it that keeps no weights: those
   * that are not divided by their sum yet, and in the backward pass the weights, the values and the
   * gradient of the result.
   */
  Tensor attend(Tensor scores, double[] factors, Tensor values, DoubleUnaryOperator rounding) {
    int keys = scores.columns();
    int width = values.columns();
    Tensor y = result(scores.rows(), width);
    double[] weights = new double[scores.values().length];
    double[] right = Arrays.stream(values.values()).map(rounding).toArray();
    for (int i = 0; i < scores.rows(); i++) {
      double largest = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < keys; j++) {
        largest = Math.max(largest, scores.values()[i * keys + j]);
      }
      double sum = 0;
      for (int j = 0; j < keys && largest > Double.NEGATIVE_INFINITY; j++) {
        int at = i * keys + j;
        weights[at] = StrictMath.exp(scores.values()[at] - largest);
        sum += weights[at];
        double weight = rounding.applyAsDouble(weights[at] * factors[at]);
        for (int d = 0; d < width; d++) {
          y.values()[i * width + d] += weight * right[j * width + d];
        }
      }
      for (int j = 0; j < keys && sum > 0; j++) {
        weights[i * keys + j] /= sum;
      }
      for (int d = 0; d < width && sum > 0; d++) {
        y.values()[i * width + d] /= sum;
      }
    }
    steps.push(
        () -> {
          double[] upstream = Arrays.stream(y.gradient()).map(rounding).toArray();
          for (int i = 0; i < scores.rows(); i++) {
            double dot = 0;
            for (int d = i * width; d < (i + 1) * width; d++) {
              dot += y.gradient()[d] * y.values()[d];
            }
            for (int j = 0; j < keys; j++) {
              int at = i * keys + j;
              double weight = rounding.applyAsDouble(weights[at] * factors[at]);
              double gradient = 0;
              for (int d = 0; d < width; d++) {
                gradient += upstream[i * width + d] * right[j * width + d];
                values.gradient()[j * width + d] += weight * upstream[i * width + d];
              }
              scores.gradient()[at] += weights[at] * (gradient * factors[at] - dot);
            }
          }
        });
    return y;
  }

  /** Cross-entropy of every row of logits with its target, as one column; 0 for a negative one. */
  public Tensor crossEntropy(Tensor logits, int[] targets) {
    int width = logits.columns();
    Tensor y = result(logits.rows(), 1);
    double[] scales = new double[logits.rows()];
    for (int row = 0; row < logits.rows(); row++) {
      if (targets[row] < 0) {
        continue;
      }
      scales[row] = logSumExp(logits.values(), row, width);
      y.values()[row] = scales[row] - logits.values()[row * width + targets[row]];
    }
    steps.push(
        () -> {
          for (int row = 0; row < logits.rows(); row++) {
            for (int j = 0; targets[row] >= 0 && j < width; j++) {
              double probability = StrictMath.exp(logits.values()[row * width + j] - scales[row]);
              logits.gradient()[row * width + j] +=
                  y.gradient()[row] * (probability - (j == targets[row] ? 1 : 0));
            }
          }
        });
    return y;
  }

  private static double logSumExp(double[] x, int row, int width) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < width; j++) {
      largest = Math.max(largest, x[row * width + j]);
    }
    if (largest == Double.NEGATIVE_INFINITY) {
      return largest;
    }
    double sum = 0;
    for (int j = 0; j < width; j++) {
      sum += StrictMath.exp(x[row * width + j] - largest);
    }
    return largest + StrictMath.log(sum);
  }
}
