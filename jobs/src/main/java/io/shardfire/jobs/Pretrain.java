package io.shardfire.jobs;

import io.shardfire.driver.corpus.CorpusPreparation;
import io.shardfire.driver.corpus.PrepareConfiguration;
import io.shardfire.driver.launch.BlockingCalls;
import io.shardfire.driver.launch.PretrainingJob;
import io.shardfire.driver.monitor.Console;
import io.shardfire.driver.monitor.RunHeader;
import io.shardfire.driver.monitor.Terminal;
import io.shardfire.driver.plan.ClusterConfiguration;
import io.shardfire.driver.plan.ExistingRun;
import io.shardfire.driver.plan.Preflight;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.driver.plan.SessionSettings;
import io.shardfire.driver.plan.SubmissionSettings;
import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ConfigurationOptions;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.PretrainOptions;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.configuration.RunConfiguration;
import io.shardfire.jobs.output.PreparePlan;
import io.shardfire.jobs.session.CorpusMaking;
import io.shardfire.jobs.session.ExecutorMemory;
import io.shardfire.jobs.session.Interruption;
import io.shardfire.jobs.session.JobSession;
import io.shardfire.jobs.session.ObjectStores;
import io.shardfire.jobs.session.QualifiedPaths;
import io.shardfire.jobs.session.SparkOptions;
import io.shardfire.jobs.session.SparkVersion;
import io.shardfire.jobs.session.StandardMaster;
import io.shardfire.jobs.session.StartingFolder;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Trains a model, from scratch or from the weights of another, one rank per executor. */
@Command(
    name = "pretrain",
    resourceBundle = "io.shardfire.jobs.configuration.settings",
    versionProvider = Versions.class,
    sortOptions = false,
    description = "Train a model on a prepared corpus, from scratch or from a model's weights.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire pretrain --config configs/quickstart.yaml",
      "  shardfire pretrain -c run.yaml -s model.layers=6 -s training.steps=5000 --run runs/six",
      "  shardfire pretrain -c run.yaml --from models/gpt2 --data corpora/mine",
      "  shardfire pretrain -c run.yaml --resume",
      "  shardfire pretrain -c run.yaml -s training.learningRate=1e-4 --resume \\",
      "      --allow-change training.learningRate",
      "  shardfire pretrain -c run.yaml --prepare",
      "  shardfire pretrain -c run.yaml --dry-run",
      "  spark-submit --class io.shardfire.jobs.Pretrain --master spark://host:7077 \\",
      "      shardfire-jobs.jar --config run.yaml"
    })
public final class Pretrain implements Callable<Integer> {
  @Mixin private PretrainOptions options;
  @Mixin private ConfigurationOptions configuration;
  @Mixin private SparkOptions spark;
  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  /** Runs the job on its own. */
  public static void main(String[] arguments) {
    Commands.main(new Pretrain(), arguments);
  }

  @Override
  public Integer call() throws IOException {
    new SparkVersion(Versions.spark())
        .check()
        .ifPresent(warning -> spec.commandLine().getErr().println("warning: " + warning));
    boolean resumes = options.existingRun() == ExistingRun.RESUME;
    Configuration given = spark.hadoop();
    RunConfiguration effective =
        configuration.read(options.settings(), new StartingFolder(given, resumes)::shape);
    if (configuration.print()) {
      spec.commandLine().getOut().print(effective.yaml());
      return ExitCode.OK;
    }
    PretrainConfiguration wanted =
        effective.toPretrain(options.existingRun(), options.allowedChanges(), options.dryRun());
    Console console =
        Console.on(System.out, Terminal.detect(System.getenv(), false), Clock.systemUTC());
    BlockingCalls calls = new BlockingCalls(console::print);
    List<String> paths = new ArrayList<>(List.of(wanted.data(), wanted.run(), wanted.from()));
    if (options.prepare()) {
      effective.prepare().inputs().forEach(paths::add);
    }
    ObjectStores stores = ObjectStores.of(given, paths);
    stores.requireAnswers(calls, wanted.cluster().startTimeout(), console::print);
    String folders =
        "the folders of corpus and run: data=" + wanted.data() + ", run=" + wanted.run();
    SparkConf conf =
        calls.run(
            folders,
            () ->
                spark.conf(
                    "shardfire pretrain",
                    () -> StandardMaster.forTraining(planned(wanted, effective), stores.hadoop())));
    stores.complete(conf);
    options.submissionId().ifPresent(id -> conf.set(SubmissionSettings.ID, id));
    // As the session will have it; what is wrong is said before Spark allocates anything.
    Configuration hadoop = SparkHadoopUtil.get().newConfiguration(conf);
    PretrainConfiguration qualified = QualifiedPaths.in(hadoop, wanted);
    PretrainConfiguration asked =
        calls.run(
            folders,
            () ->
                qualified.withFrom(
                    new StartingFolder(hadoop, resumes).folder(qualified.from(), qualified.run())));
    Optional<PrepareConfiguration> corpus = corpus(asked, effective, hadoop, calls);
    PretrainConfiguration planned = planned(asked, effective);
    ExecutorMemory.planned(SessionSettings.of(conf), planned, hadoop).forEach(conf::set);
    Preflight checks = Preflight.of(asked, conf, hadoop);
    // What the checks say of a corpus they can say only once it is there.
    int tokens = planned.model().vocabularySize();
    Preflight early = corpus.isPresent() ? checks.beforeCorpus(tokens) : checks;
    Preflight.Result known = calls.run(folders, early::requireAlone);
    if (corpus.isPresent() && asked.dryRun()) {
      known.plan().ifPresent(plan -> console.print(RunHeader.text(asked, plan, List.of())));
      console.print(PreparePlan.text(corpus.get(), tokens, known.start().orElseThrow()));
      return ExitCode.OK;
    }
    Duration timeout = asked.cluster().startTimeout();
    try (JobSession session = JobSession.open(conf, calls, timeout)) {
      if (corpus.isPresent()) {
        CorpusMaking.run(
            session,
            corpus.get(),
            calls,
            timeout,
            spec.commandLine().getOut(),
            general.stacktrace());
        calls.run(folders, checks::requireAlone);
      }
      PretrainingJob job =
          PretrainingJob.create(
              JavaSparkContext.fromSparkContext(session.spark().sparkContext()),
              asked,
              checks,
              console);
      new Interruption(
              job::stop, job::cancel, asked.cluster().stopGrace(), ClusterConfiguration.STOP_GRACE)
          .guard(job::run);
      session.complete();
    }
    return ExitCode.OK;
  }

  /** The corpus to make before the run; empty where none is asked for or it is there. */
  private Optional<PrepareConfiguration> corpus(
      PretrainConfiguration asked,
      RunConfiguration effective,
      Configuration hadoop,
      BlockingCalls calls)
      throws IOException {
    if (!options.prepare()
        || !calls.run(
            "the folder of the corpus: data=" + asked.data(),
            () -> CorpusMaking.isDue(hadoop, asked.data(), effective))) {
      return Optional.empty();
    }
    PrepareConfiguration missing = effective.toPrepare(asked.data());
    CorpusPreparation.requireFree(missing, hadoop);
    return Optional.of(missing);
  }

  /** The request with as many tokens as a corpus will have that is to be made. */
  private PretrainConfiguration planned(PretrainConfiguration asked, RunConfiguration effective) {
    return options.prepare() && asked.model().vocabularySize() == 0
        ? asked.withModel(asked.model().withVocabularySize(effective.prepare().vocabularySize()))
        : asked;
  }
}
