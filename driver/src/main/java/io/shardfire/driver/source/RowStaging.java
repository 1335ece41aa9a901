package io.shardfire.driver.source;

import static org.apache.spark.sql.functions.array_repeat;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.posexplode;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Reads the rows of sources once and leaves their documents in files; see the package. For one
 * thread, and one call of {@link #read} before one of {@link #curate}.
 */
public final class RowStaging {
  /** Column: the position of a row's source in their list. */
  static final String ORIGIN = "origin";

  /** Column: how often a document stands in the mixture. */
  static final String COPIES = "copies";

  private static final String SQL = "sql";
  private static final String COPY = "copy";
  private static final String ORDER = "order";
  private static final String PART = "part";

  /**
   * So that the names of the parts have the same length, and their order is that of the numbers.
   */
  private static final int FIRST_PART = 1_000_000;

  private static final long PART_BYTES = 32L << 20;
  private static final double HASHES = 0x1p64;

  private final SparkSession session;
  private final RowSettings settings;
  private final String folder;
  private final List<SourceSnapshot> snapshots = new ArrayList<>();
  private final List<String> origins = new ArrayList<>();
  private final List<String> specials;
  private final List<String> fields;

  /**
   * Reads nothing yet.
   *
   * @param session in which the sources of a query take the place of views of their names
   * @param specials special tokens, one of which no conversation may spell
   * @param folder to write into, on a file system that all executors share
   */
  public RowStaging(
      SparkSession session, RowSettings settings, List<String> specials, String folder) {
    this.session = session;
    this.settings = settings;
    this.specials = List.copyOf(specials);
    this.folder = folder;
    this.fields = settings.content().fields();
  }

  /**
   * Copies the rows.
   *
   * @throws SourceException when a source is not as the settings say
   */
  public void read() {
    SourceReader reader = new SourceReader(session);
    List<Dataset<Row>> opened = settings.sources().stream().map(reader::open).toList();
    for (int i = 0; i < opened.size(); i++) {
      snapshots.add(SourceSnapshot.of(settings.sources().get(i), opened.get(i), session));
    }
    if (settings.query().isPresent()) {
      RowSettings.Query query = settings.query().get();
      try {
        for (int i = 0; i < opened.size(); i++) {
          opened.get(i).createOrReplaceTempView(settings.sources().get(i).name());
        }
        Dataset<Row> rows = reader.query(query.sql());
        snapshots.add(SourceSnapshot.of(query, rows, session));
        stage(
            SQL,
            "sql=" + query.sql(),
            "",
            new RowSelection(SQL, query.columns(), query.where(), specials).of(rows));
      } finally {
        settings.sources().forEach(source -> session.catalog().dropTempView(source.name()));
      }
      return;
    }
    for (int i = 0; i < opened.size(); i++) {
      RowSource source = settings.sources().get(i);
      stage(
          source.name(),
          source.shown(),
          source.format(),
          new RowSelection(source.name(), source.columns(), source.where(), specials)
              .of(opened.get(i)));
    }
  }

  private void stage(String name, String shown, String format, Dataset<Row> rows) {
    int origin = origins.size();
    origins.add(name);
    SourceReader.attempt(
        "Cannot read: " + shown,
        format,
        () -> {
          rows.withColumn(ORIGIN, lit(origin)).write().parquet(folder + "/rows/" + origin);
          return null;
        });
  }

  /**
   * Takes duplicates away, mixes the sources and writes the documents.
   *
   * @throws SourceException when no document is left
   */
  public StagedDocuments curate() {
    Dataset<Row> rows =
        session
            .read()
            .parquet(
                IntStream.range(0, origins.size())
                    .mapToObj(origin -> folder + "/rows/" + origin)
                    .toArray(String[]::new));
    Dataset<Row> texts = rows.filter(col(RowSelection.STATE).equalTo(RowSelection.KEPT));
    Deduplicator deduplicator = new Deduplicator(RowSelection.document(fields));
    Dataset<Row> unique = texts;
    if (settings.deduplication() != Deduplication.NONE) {
      unique = written("unique", deduplicator.withoutExact(texts));
    }
    Dataset<Row> left = unique;
    if (settings.deduplication() == Deduplication.NEAR) {
      Dataset<Row> near = written("near", deduplicator.near(unique));
      left =
          unique.join(
              near, unique.col(RowSelection.ID).equalTo(near.col(RowSelection.ID)), "left_anti");
    }
    StageCounts counts = new StageCounts(origins, rows, unique, left);
    Mixture mixture = settings.weighted() ? Mixture.of(settings.sources(), counts.bytes()) : null;
    Dataset<Row> mixed =
        left.withColumn(COPIES, mixture == null ? lit(1) : mixture.copies(settings.seed()));
    List<SourceCounts> result = counts.of(mixed);
    long bytes = result.stream().mapToLong(SourceCounts::bytes).sum();
    if (bytes == 0) {
      throw new SourceException(
          "No text is left: %s. Look at the columns and where, or choose other sources"
              .formatted(
                  result.stream().map(SourceCounts::summary).collect(Collectors.joining("; "))));
    }
    write(mixed, bytes);
    return new StagedDocuments(folder + "/documents", snapshots, result);
  }

  /** A stage that later ones read more than once. */
  private Dataset<Row> written(String name, Dataset<Row> rows) {
    String path = folder + "/" + name;
    rows.write().parquet(path);
    return session.read().parquet(path);
  }

  private void write(Dataset<Row> mixed, long bytes) {
    int parts = Math.toIntExact(Math.min(FIRST_PART, bytes / PART_BYTES + 1));
    Column order = xxhash64(lit(settings.seed()), col(RowSelection.ID), col(COPY));
    // Parts are ranges of the order: neighbours of one part are neighbours of the whole.
    Column part =
        least(
                floor(col(ORDER).cast("double").plus(HASHES / 2).multiply(parts / HASHES)),
                lit(parts - 1L))
            .plus(FIRST_PART)
            .cast("int");
    List<Column> texts = fields.stream().map(field -> col(field)).toList();
    mixed
        .select(
            columns(
                texts,
                col(RowSelection.ID),
                posexplode(array_repeat(lit(0), col(COPIES))).as(new String[] {COPY, "unused"})))
        .withColumn(ORDER, order)
        .withColumn(PART, part)
        .repartition(parts, col(PART))
        .sortWithinPartitions(col(PART), col(ORDER), col(RowSelection.ID), col(COPY))
        .select(columns(texts, col(PART)))
        .write()
        .partitionBy(PART)
        .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
        .json(folder + "/documents");
  }

  private static Column[] columns(List<Column> texts, Column... others) {
    return Stream.concat(texts.stream(), Arrays.stream(others)).toArray(Column[]::new);
  }
}
