package io.shardfire.driver.corpus;

import io.shardfire.driver.source.RowSettings;
import io.shardfire.driver.source.RowStaging;
import io.shardfire.driver.source.StagedDocuments;
import io.shardfire.worker.tokenizer.SpecialTokens;
import io.shardfire.worker.tokenizer.Tokenizer;
import io.shardfire.worker.tokenizer.TokenizerFiles;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Makes a tokenizer and token shards out of text, as Spark jobs; see the package for the phases.
 * One instance prepares one corpus, on one thread.
 */
public final class CorpusPreparation {
  private final SparkSession session;
  private final JavaSparkContext spark;
  private final Configuration hadoop;
  private final PrepareConfiguration settings;
  private final PrepareListener listener;

  private CorpusPreparation(
      SparkSession session, PrepareConfiguration settings, PrepareListener listener) {
    this.session = session;
    this.spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    this.hadoop = spark.hadoopConfiguration();
    this.settings = settings;
    this.listener = listener;
  }

  /**
   * Prepares a corpus. The output appears only when it is complete; a failure leaves nothing
   * behind.
   *
   * @param session an active session; its other jobs are not disturbed
   * @param settings what to do
   * @param listener told how it advances
   * @throws CorpusException naming what is wrong, where, and what to do about it
   */
  public static PrepareReport run(
      SparkSession session, PrepareConfiguration settings, PrepareListener listener) {
    return new CorpusPreparation(session, settings, listener).run();
  }

  /**
   * Looks whether the output can take its place, as a preparation does when it begins.
   *
   * @throws CorpusException when something stands there that may not be replaced
   */
  public static void requireFree(PrepareConfiguration settings, Configuration hadoop) {
    OutputFolder.requireFree(settings.output(), settings.overwrite(), hadoop);
  }

  private PrepareReport run() {
    long started = System.nanoTime();
    Optional<TokenizerFiles> existing = TokenizerChoice.existing(settings, hadoop);
    CorpusFiles corpus = new CorpusFiles(hadoop);
    try (OutputFolder output =
            OutputFolder.create(settings.output(), settings.overwrite(), hadoop);
        PhaseRunner phases = new PhaseRunner(spark, listener)) {
      Optional<StagedDocuments> staged =
          settings.rows().map(rows -> stage(rows, specials(existing), output, phases));
      InputFiles input =
          corpus.list(
              staged
                  .map(StagedDocuments::folder)
                  .<List<String>>map(List::of)
                  .orElseGet(settings::input));
      List<FileStatus> files = input.read();
      checkOutside(files, output.path());
      List<CorpusPart> parts = corpus.parts(files, settings.documents(), settings.bytesPerTask());
      CorpusJobs jobs = new CorpusJobs(phases, CorpusPart.distribute(parts, spark), parts.size());
      Broadcast<SerializableConfiguration> configuration =
          spark.broadcast(new SerializableConfiguration(hadoop));
      try {
        CorpusSource source =
            new CorpusSource(
                configuration,
                settings.documents(),
                settings.jsonField(),
                settings.appendEndOfText() ? "" : settings.documents().separator());
        CorpusScan scan = new CorpusScan(source, countedInScan(source, existing.isEmpty(), parts));
        try (ScannedCorpus scanned = jobs.scan(scan, new LineNumbers(hadoop))) {
          CorpusSummary summary = summarize(scanned.results());
          SplitReading reading = new SplitReading(source, splitRule(summary), summary.positions());
          TokenizerFiles tokenizer =
              existing.orElseGet(
                  () -> TokenizerFiles.of(makeTokenizer(jobs, scanned, reading, summary)));
          PreparedShards shards = tokenize(jobs, reading, tokenizer, output);
          shards.checkSplits(summary.documents());
          CorpusProvenance provenance =
              staged
                  .map(documents -> CorpusProvenance.of(settings, documents))
                  .orElseGet(() -> CorpusProvenance.of(settings, input));
          jobs.commit(shards, () -> shards.commit(output, tokenizer, provenance, hadoop));
          return shards.report(
              output.path(),
              staged.map(StagedDocuments::counts).orElseGet(List::of),
              input,
              summary,
              (System.nanoTime() - started) / 1e9);
        }
      } finally {
        configuration.destroy();
      }
    }
  }

  /** The special tokens that a conversation must not spell by itself. */
  private List<String> specials(Optional<TokenizerFiles> existing) {
    if (settings.specialTokens() == SpecialTokens.PARSE) {
      return List.of();
    }
    return existing
        .map(files -> files.specialIds().byText().keySet().stream().sorted().toList())
        .orElseGet(() -> settings.addedTokens().tokens());
  }

  private StagedDocuments stage(
      RowSettings rows, List<String> specials, OutputFolder output, PhaseRunner phases) {
    RowStaging staging = new RowStaging(session, rows, specials, output.staging().toString());
    phases.run(
        PreparePhase.READ,
        0,
        () -> {
          staging.read();
          return null;
        });
    return phases.run(PreparePhase.CURATE, 0, staging::curate);
  }

  private static void checkOutside(List<FileStatus> files, Path output) {
    for (FileStatus file : files) {
      for (Path path = file.getPath(); path != null; path = path.getParent()) {
        if (path.equals(output)) {
          throw new CorpusException(
              "Input lies in the output folder: file=%s output=%s. Choose another output"
                  .formatted(file.getPath(), output));
        }
      }
    }
  }

  private CorpusSummary summarize(List<ScanResult> scans) {
    CorpusSummary summary = CorpusSummary.of(scans);
    if (summary.documents() == 0) {
      throw new CorpusException(
          "Empty corpus: input=%s documents=0 (all text is blank). Give files that hold text"
              .formatted(
                  settings.rows().map(RowSettings::shown).orElseGet(settings.input()::toString)));
    }
    return summary;
  }

  private SplitRule splitRule(CorpusSummary summary) {
    return switch (settings.split()) {
      case HASHED -> hashed();
      case CONTIGUOUS ->
          SplitRule.Contiguous.of(settings.validationFraction(), summary.codePoints());
    };
  }

  private SplitRule hashed() {
    return new SplitRule.Hashed(settings.validationFraction(), settings.seed());
  }

  /** What counts words while the corpus is scanned, which the contiguous split does not allow. */
  private WordCounting countedInScan(CorpusSource source, boolean makes, List<CorpusPart> parts) {
    return makes
            && settings.tokenizer() == TokenizerKind.BPE
            && settings.split() == SplitMode.HASHED
        ? counting(new SplitReading(source, hashed(), List.of()), parts.size())
        : null;
  }

  private WordCounting counting(SplitReading reading, int parts) {
    List<String> spelled =
        settings.specialTokensOfDocuments() == SpecialTokens.PARSE
            ? settings.addedTokens().tokens()
            : List.of();
    return WordCounting.of(reading, spelled, parts);
  }

  private String makeTokenizer(
      CorpusJobs jobs, ScannedCorpus scanned, SplitReading reading, CorpusSummary summary) {
    return switch (settings.tokenizer()) {
      case CHAR -> TokenizerJson.characters(summary.characters(), settings.characterTokens());
      case BPE ->
          jobs.learnBpe(
              scanned.words().orElseGet(() -> jobs.count(counting(reading, jobs.parts()))),
              settings.vocabularySize(),
              settings.addedTokens());
    };
  }

  private PreparedShards tokenize(
      CorpusJobs jobs, SplitReading reading, TokenizerFiles files, OutputFolder output) {
    ShardFormat format;
    try (Tokenizer tokenizer = Tokenizer.of(files)) {
      format =
          new ShardFormat(
              tokenizer.vocabularySize(), tokenizer.vocabularyHash(), settings.tokensPerShard());
    }
    Broadcast<String> broadcast = spark.broadcast(files.json());
    try {
      PartTokenizing task =
          new PartTokenizing(
              reading,
              broadcast,
              files.configuration(),
              format,
              output.unnamed().toString(),
              settings.appendEndOfText(),
              settings.specialTokensOfDocuments());
      return new PreparedShards(jobs.tokenize(task), format, settings);
    } finally {
      broadcast.destroy();
    }
  }
}
