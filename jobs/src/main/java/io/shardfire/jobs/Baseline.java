package io.shardfire.jobs;

import io.shardfire.driver.baseline.BaselineReport;
import io.shardfire.driver.baseline.HmmBaseline;
import io.shardfire.driver.baseline.HmmConfiguration;
import io.shardfire.driver.baseline.NgramBaseline;
import io.shardfire.driver.launch.BlockingCalls;
import io.shardfire.driver.launch.FirstExecutor;
import io.shardfire.driver.plan.ClusterConfiguration;
import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.output.NgramProgress;
import io.shardfire.jobs.session.JobSession;
import io.shardfire.jobs.session.QualifiedPaths;
import io.shardfire.jobs.session.SparkOptions;
import io.shardfire.jobs.session.StandardMaster;
import io.shardfire.worker.data.TokenIndex;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures what an older model makes of a prepared corpus. */
@Command(
    name = "baseline",
    versionProvider = Versions.class,
    sortOptions = false,
    description = {
      "Estimate an n-gram or a hidden Markov model on a corpus, to compare with.",
      "Prints what it loses on the validation split of what prepare wrote: nats, perplexity, bits."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire baseline --model ngram --data corpora/books",
      "  shardfire baseline --model hmm --states 128 --data corpora/books"
    })
public final class Baseline implements Callable<Integer> {
  /** The models. */
  enum Model {
    NGRAM,
    HMM
  }

  @Option(
      names = "--model",
      required = true,
      paramLabel = "NAME",
      description = {
        "ngram: interpolated modified Kneser-Ney (Chen and Goodman, 1999);",
        "hmm: a hidden Markov model by Baum-Welch."
      })
  private Model model;

  @Option(
      names = {"-d", "--data"},
      required = true,
      paramLabel = "FOLDER",
      description = "Folder that prepare wrote.")
  private String data;

  @Option(
      names = "--order",
      paramLabel = "N",
      defaultValue = "5",
      description = "ngram: tokens of the longest n-gram. Default: ${DEFAULT-VALUE}.")
  private int order;

  @Option(
      names = "--states",
      paramLabel = "N",
      defaultValue = "64",
      description = "hmm: hidden states. Default: ${DEFAULT-VALUE}.")
  private int states;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      defaultValue = "20",
      description = "hmm: passes over the training split. Default: ${DEFAULT-VALUE}.")
  private int iterations;

  @Option(
      names = "--sequence-length",
      paramLabel = "N",
      defaultValue = "256",
      description = "hmm: tokens of a training sequence. Default: ${DEFAULT-VALUE}.")
  private int sequenceLength;

  @Option(
      names = "--smoothing",
      paramLabel = "X",
      defaultValue = "0.01",
      description = "hmm: added to each expected count. Default: ${DEFAULT-VALUE}.")
  private double smoothing;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1337",
      description = "hmm: of the first probabilities. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private SparkOptions spark;
  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  /** Runs the job on its own. */
  public static void main(String[] arguments) {
    Commands.main(new Baseline(), arguments);
  }

  @Override
  public Integer call() {
    HmmConfiguration hmm =
        new HmmConfiguration(states, iterations, sequenceLength, smoothing, seed);
    BlockingCalls calls = new BlockingCalls(spec.commandLine().getErr()::println);
    Duration timeout = ClusterConfiguration.DEFAULT.startTimeout();
    SparkConf conf = spark.conf("shardfire baseline", StandardMaster::forPreparing);
    try (JobSession session = JobSession.open(conf, calls, timeout)) {
      FirstExecutor.await(session.spark().sparkContext(), calls, timeout);
      Configuration hadoop = session.spark().sparkContext().hadoopConfiguration();
      String corpus = QualifiedPaths.qualified(hadoop, data);
      // Here, since a folder that is no corpus is one line, and in a task a trace.
      TokenIndex.read(hadoop, new Path(corpus));
      print(
          switch (model) {
            case NGRAM -> estimate(calls, session.spark(), corpus);
            case HMM -> estimate(session.spark(), corpus, hmm);
          });
      session.complete();
    }
    return ExitCode.OK;
  }

  private BaselineReport estimate(BlockingCalls calls, SparkSession session, String corpus) {
    NgramProgress progress = new NgramProgress(spec.commandLine().getOut());
    return calls.run(progress::awaited, () -> NgramBaseline.run(session, corpus, order, progress));
  }

  private BaselineReport estimate(SparkSession session, String corpus, HmmConfiguration hmm) {
    PrintWriter out = spec.commandLine().getOut();
    int[] iteration = {0};
    return HmmBaseline.run(
        session,
        corpus,
        hmm,
        loss -> {
          iteration[0]++;
          out.println(format("iteration %d/%d  loss %.4f", iteration[0], iterations, loss));
          out.flush();
        });
  }

  private void print(BaselineReport report) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(format("trained on       %,d tokens", report.trainTokens()));
    out.println(
        format(
            "validated on     %,d tokens, %,d bytes of text",
            report.validationTokens(), report.validationBytes()));
    out.println(format("validation loss  %.4f nats per token", report.loss()));
    out.println(format("perplexity       %.2f", report.perplexity()));
    out.println(format("bits per byte    %.4f", report.bitsPerByte()));
    out.flush();
  }

  private static String format(String text, Object... values) {
    return String.format(Locale.ROOT, text, values);
  }
}
