package io.shardfire.jobs;

import io.shardfire.driver.corpus.PrepareConfiguration;
import io.shardfire.driver.launch.BlockingCalls;
import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ConfigurationOptions;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.PrepareOptions;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.configuration.RunConfiguration;
import io.shardfire.jobs.session.CorpusMaking;
import io.shardfire.jobs.session.JobSession;
import io.shardfire.jobs.session.ObjectStores;
import io.shardfire.jobs.session.SparkOptions;
import io.shardfire.jobs.session.SparkVersion;
import io.shardfire.jobs.session.StandardMaster;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Makes a tokenizer and token shards out of text and rows. */
@Command(
    name = "prepare",
    resourceBundle = "io.shardfire.jobs.configuration.settings",
    versionProvider = Versions.class,
    sortOptions = false,
    description = "Make a tokenizer and token shards out of text.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire prepare --input books/ --output corpora/books",
      "  shardfire prepare -i 'logs/*.jsonl.gz' --documents json-lines --json-field body -o corpora/logs",
      "  shardfire prepare -i poems.txt --documents file -s prepare.split=contiguous \\",
      "      --tokenizer char -o corpora/poems",
      "  shardfire prepare -i numbers.tsv --documents pairs --tokenizer char -o corpora/numbers",
      "  shardfire prepare --format parquet -i pages/ --column text=body \\",
      "      --where 'length(body) > 200' -o corpora/pages",
      "  shardfire prepare --format parquet -i reviews/ --column text=review --column label=stars \\",
      "      -o corpora/reviews",
      "  shardfire prepare --format json -i talks/ --column messages=conversation -o corpora/talks",
      "  shardfire prepare --config configs/quickstart.yaml --overwrite",
      "  spark-submit --class io.shardfire.jobs.Prepare --master spark://host:7077 \\",
      "      shardfire-jobs.jar --input hdfs:///text --output hdfs:///corpora/text"
    })
public final class Prepare implements Callable<Integer> {
  @Mixin private PrepareOptions options;
  @Mixin private ConfigurationOptions configuration;
  @Mixin private SparkOptions spark;
  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  /** Runs the job on its own. */
  public static void main(String[] arguments) {
    Commands.main(new Prepare(), arguments);
  }

  @Override
  public Integer call() throws IOException {
    new SparkVersion(Versions.spark())
        .check()
        .ifPresent(warning -> spec.commandLine().getErr().println("warning: " + warning));
    RunConfiguration effective = configuration.read(options.settings());
    if (configuration.print()) {
      spec.commandLine().getOut().print(effective.yaml());
      return ExitCode.OK;
    }
    PrepareConfiguration asked = effective.toPrepare(options.overwrite());
    BlockingCalls calls = new BlockingCalls(spec.commandLine().getErr()::println);
    Duration timeout = effective.cluster().startTimeout();
    List<String> folders = new ArrayList<>(effective.prepare().inputs().toList());
    folders.add(asked.output());
    ObjectStores stores = ObjectStores.of(spark.hadoop(), folders);
    stores.requireAnswers(calls, timeout, spec.commandLine().getErr()::println);
    SparkConf conf = spark.conf("shardfire prepare", StandardMaster::forPreparing);
    stores.complete(conf);
    try (JobSession session = JobSession.open(conf, calls, timeout)) {
      CorpusMaking.run(
          session, asked, calls, timeout, spec.commandLine().getOut(), general.stacktrace());
      session.complete();
    }
    return ExitCode.OK;
  }
}
