package io.shardfire.kernels.ops;

import io.shardfire.kernels.device.Command;
import io.shardfire.kernels.device.Span;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks the matrices of one operation, which may be column bands of one matrix (q, k and v side by
 * side): each is long enough, and none that is written shares a float with another.
 */
final class Bands {
  private record Band(
      String name, Span span, long rows, long columns, long stride, boolean written) {
    boolean overlaps(Band other) {
      if (span.arena() != other.span.arena() || end() <= other.begin() || other.end() <= begin()) {
        return false;
      }
      if (stride != other.stride || rows == 1 || other.rows == 1) {
        return true;
      }
      long shift = Math.floorMod(other.begin() - begin(), stride);
      return shift < columns || stride - shift < other.columns;
    }

    private long begin() {
      return span.offset();
    }

    private long end() {
      return begin() + (rows - 1) * stride + columns;
    }
  }

  private final Operands operands;
  private final List<Band> bands = new ArrayList<>();

  Bands(String operation) {
    operands = new Operands(operation);
  }

  Bands reads(String name, MatMul.Matrix matrix, long rows, long columns) {
    return add(name, matrix, rows, columns, false);
  }

  Bands writes(String name, MatMul.Matrix matrix, long rows, long columns) {
    return add(name, matrix, rows, columns, true);
  }

  Bands reads(String name, Span span, long floats) {
    return span == null ? this : add(name, span, 1, floats, floats, false);
  }

  Bands writes(String name, Span span, long floats) {
    return add(name, span, 1, floats, floats, true);
  }

  private Bands add(String name, MatMul.Matrix matrix, long rows, long columns, boolean written) {
    if (matrix == null) {
      throw new IllegalArgumentException(operands.operation() + ": " + name + " is missing");
    }
    operands.require(
        matrix.stride() >= columns,
        "must be at least " + columns,
        name + ".stride",
        matrix.stride());
    return add(name, matrix.span(), rows, columns, matrix.stride(), written);
  }

  private Bands add(String name, Span span, long rows, long columns, long stride, boolean written) {
    operands.holds(name, span, (rows - 1) * stride + columns);
    Band band = new Band(name, span, rows, columns, stride, written);
    for (Band other : bands) {
      if ((written || other.written) && band.overlaps(other)) {
        operands.require(
            false, "must not share floats with " + other.name + "=" + other.span, name, span);
      }
    }
    bands.add(band);
    return this;
  }

  static Command read(Command command, MatMul.Matrix matrix, int rows, int columns) {
    return command.read(matrix.span(), rows, columns, matrix.stride());
  }

  static Command write(Command command, MatMul.Matrix matrix, int rows, int columns) {
    return command.write(matrix.span(), rows, columns, matrix.stride());
  }
}
