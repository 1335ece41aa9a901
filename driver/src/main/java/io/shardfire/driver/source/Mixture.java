package io.shardfire.driver.source;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.shiftrightunsigned;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;

/**
 * How often documents stand in the mixture. A source with the share w of all weights gets the share
 * w of the bytes of text that all sources have together. Its documents stand there f times, f being
 * those bytes over its own: all of them floor(f) times, and as large a part of them as is left once
 * more, chosen by a hash of seed and id.
 *
 * @param factors f of each source, in their order
 */
record Mixture(List<Double> factors) {
  private static final double UNIT = 0x1p-53;
  private static final int UNUSED_BITS = 11;

  Mixture {
    factors = List.copyOf(factors);
  }

  /**
   * Weighs sources.
   *
   * @param bytes of text that they have
   */
  static Mixture of(List<RowSource> sources, List<Long> bytes) {
    double weights = sources.stream().mapToDouble(source -> source.weight().getAsDouble()).sum();
    double total = bytes.stream().mapToLong(Long::longValue).sum();
    List<Double> factors = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      RowSource source = sources.get(i);
      if (bytes.get(i) == 0) {
        throw new SourceException(
            "A source with a weight has no text left: source=%s weight=%s. Leave it out, or loosen where"
                .formatted(source.name(), source.weight().getAsDouble()));
      }
      factors.add(source.weight().getAsDouble() / weights * total / bytes.get(i));
    }
    return new Mixture(factors);
  }

  /** How often the document of a row stands in the mixture. */
  Column copies(long seed) {
    Column uniform =
        shiftrightunsigned(xxhash64(lit(seed), lit("copies"), col(RowSelection.ID)), UNUSED_BITS)
            .cast("double")
            .multiply(UNIT);
    Column copies = lit(0);
    for (int i = 0; i < factors.size(); i++) {
      double factor = factors.get(i);
      long whole = (long) factor;
      Column ofSource = when(uniform.lt(factor - whole), whole + 1).otherwise(whole);
      copies = when(col(RowStaging.ORIGIN).equalTo(i), ofSource).otherwise(copies);
    }
    return copies.cast("int");
  }
}
