package io.shardfire.jobs;

import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ConfigurationSources;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.configuration.ConfigurationReference;
import io.shardfire.jobs.configuration.EffectiveSetting;
import io.shardfire.jobs.output.SettingTable;
import io.shardfire.jobs.session.StartingFolder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a job would be told, and by whom. */
@Command(
    name = "config",
    versionProvider = Versions.class,
    sortOptions = false,
    description =
        "Show the values that a job would run with, and where each comes from: a default, a preset, a"
            + " line of the file, or --set.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire config --config run.yaml",
      "  shardfire config -c run.yaml -s model.preset=gpt2 model",
      "  shardfire config training.schedule training.warmupSteps",
      "  shardfire config --reference > docs/configuration.md"
    })
public final class Config implements Callable<Integer> {
  @Parameters(
      paramLabel = "KEY",
      arity = "0..*",
      description = "Only these settings or sections, with what they mean.")
  private List<String> keys = new ArrayList<>();

  @Mixin private ConfigurationSources sources;

  @Option(names = "--reference", description = "Print the page of all settings (Markdown) instead.")
  private boolean reference;

  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  /** Runs the job on its own. */
  public static void main(String[] arguments) {
    Commands.main(new Config(), arguments);
  }

  @Override
  public Integer call() {
    if (reference) {
      spec.commandLine().getOut().print(ConfigurationReference.page());
      return ExitCode.OK;
    }
    List<EffectiveSetting> settings =
        sources.explain(new StartingFolder(new Configuration(), false)::shape);
    SettingTable table = new SettingTable(spec.commandLine().getOut());
    if (keys.isEmpty()) {
      table.print(settings);
    } else {
      table.explain(EffectiveSetting.under(keys, settings));
    }
    return ExitCode.OK;
  }
}
