/**
 * Rows of whatever Spark reads, as documents in a defined order.
 *
 * <pre>
 *   sources        Parquet, ORC, CSV, JDBC, tables, ...: SourceReader; where, columns: RowSelection
 *   │
 *   ▼ read once
 *   rows/0 ...     Parquet: state, id, bytes, text (or source and target)
 *   │ exact and near duplicates: Deduplicator
 *   │ weights: Mixture
 *   ▼
 *   documents/part=1000000/*.json ...     a JSON object on a line, in the order of a hash
 * </pre>
 *
 * <p>All of it lies in a temporary folder that executors share. What is in {@code documents}, and
 * where, depends on the rows and the settings only: not on the executors, on the partitions of a
 * table or on how files are split.
 */
package io.shardfire.driver.source;
