package io.shardfire.jobs;

import static java.util.stream.Collectors.joining;

import io.shardfire.jobs.command.CommandException;
import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.command.ContextLength;
import io.shardfire.jobs.command.DeviceOptions;
import io.shardfire.jobs.command.EvaluateOptions;
import io.shardfire.jobs.command.ExitCode;
import io.shardfire.jobs.command.GeneralOptions;
import io.shardfire.jobs.command.OutputFile;
import io.shardfire.jobs.command.Versions;
import io.shardfire.jobs.output.EvaluationJson;
import io.shardfire.jobs.output.EvaluationPlot;
import io.shardfire.jobs.output.EvaluationRow;
import io.shardfire.jobs.output.EvaluationTable;
import io.shardfire.jobs.output.MaskedRow;
import io.shardfire.jobs.output.MaskedTable;
import io.shardfire.jobs.output.PairTable;
import io.shardfire.jobs.session.ModelFolder;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.ops.WeightFormat;
import io.shardfire.worker.architecture.ModelConfiguration.Kind;
import io.shardfire.worker.data.TokenDataset;
import io.shardfire.worker.inspect.LossEvaluation;
import io.shardfire.worker.inspect.LossEvaluation.Task;
import io.shardfire.worker.inspect.MaskSettings;
import io.shardfire.worker.inspect.MaskedEvaluation;
import io.shardfire.worker.inspect.OpenModel;
import io.shardfire.worker.inspect.PairEvaluation;
import io.shardfire.worker.inspect.PairMatches;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Evaluates trained models on a corpus, in this JVM. */
@Command(
    name = "evaluate",
    versionProvider = Versions.class,
    sortOptions = false,
    description = {
      "Evaluate models on a corpus: loss, perplexity, bits per byte and accuracy.",
      "",
      "Of encoder-decoders on pairs also how many targets they write without a fault. With"
          + " --context also beyond the context that a model was trained at. All models and contexts"
          + " predict the same tokens. Of encoders, loss and accuracy are those of hidden tokens,"
          + " beside the accuracy of always guessing the most frequent of them (unigram)."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  shardfire evaluate -m runs/mine -d corpora/mine",
      "  shardfire evaluate -m runs/rope -m runs/alibi -d corpora/mine --context T,2T,4T --plot"
          + " lengths.svg",
      "  shardfire evaluate -m gpt2/ -d corpora/mine --windows 100 --json gpt2.json",
      "  shardfire evaluate -m gpt2/ -d corpora/mine --weights fp32,int8,int4"
    })
public final class Evaluate implements Callable<Integer> {
  @Mixin private EvaluateOptions options;
  @Mixin private DeviceOptions device;
  @Mixin GeneralOptions general;
  @Spec private CommandSpec spec;

  /** Runs the job on its own. */
  public static void main(String[] arguments) {
    Commands.main(new Evaluate(), arguments);
  }

  @Override
  public Integer call() throws IOException {
    OutputFile json = options.json();
    OutputFile plot = options.plot();
    Configuration hadoop = new Configuration();
    List<OpenModel> models = new ArrayList<>();
    try (TokenDataset data = TokenDataset.open(hadoop, new Path(options.data()))) {
      for (String model : options.models()) {
        Path folder = ModelFolder.resolve(hadoop, model);
        for (WeightFormat format : options.weights()) {
          models.add(OpenModel.open(hadoop, folder, options.name(model, format), format));
        }
      }
      if (models.stream().anyMatch(model -> model.model().kind() == Kind.ENCODER)) {
        evaluateMasked(models, data, json);
        return ExitCode.OK;
      }
      options.requireForDecoders();
      if (models.stream().anyMatch(model -> model.model().hasSource())) {
        evaluatePairs(models, data, json);
        return ExitCode.OK;
      }
      List<EvaluationRow> rows = evaluate(models, data);
      if (json != null) {
        json.write(EvaluationJson.of(rows));
      }
      if (plot != null) {
        plot.write(EvaluationPlot.of(rows));
      }
    } finally {
      models.forEach(OpenModel::close);
    }
    return ExitCode.OK;
  }

  private void evaluateMasked(List<OpenModel> models, TokenDataset data, OutputFile json)
      throws IOException {
    options.requireNoContexts("Encoders");
    MaskSettings masks = MaskSettings.of(models, options.maskedShare(), options.wholeWords());
    MaskedEvaluation evaluation =
        MaskedEvaluation.of(models, data, options.split(), options.windows(), masks);
    ComputeContext compute = device.open();
    MaskedTable table = new MaskedTable(spec.commandLine().getOut(), names(models));
    table.begin(options.data(), data, options.split(), masks);
    List<MaskedRow> rows = new ArrayList<>();
    Consumer<MaskedRow> sink = ((Consumer<MaskedRow>) rows::add).andThen(table);
    evaluation.run(compute, (model, losses) -> sink.accept(MaskedRow.of(model, losses)));
    if (json != null) {
      json.write(EvaluationJson.ofMasked(rows, masks));
    }
  }

  private void evaluatePairs(List<OpenModel> models, TokenDataset data, OutputFile json)
      throws IOException {
    options.requireNoContexts("Encoder-decoders");
    PairEvaluation evaluation = PairEvaluation.of(models, data, options.split(), options.windows());
    ComputeContext compute = device.open();
    PairTable table = new PairTable(spec.commandLine().getOut(), names(models));
    table.begin(options.data(), options.split());
    Map<String, PairMatches> found = new LinkedHashMap<>();
    evaluation.run(
        compute,
        (model, matches) -> {
          found.put(model.name(), matches);
          table.row(model.name(), matches);
        });
    table.faults(found);
    if (json != null) {
      json.write(EvaluationJson.ofPairs(found));
    }
  }

  private List<EvaluationRow> evaluate(List<OpenModel> models, TokenDataset data) {
    List<EvaluationRow> rows = new ArrayList<>();
    EvaluationTable table = new EvaluationTable(spec.commandLine().getOut(), names(models));
    Consumer<EvaluationRow> sink = ((Consumer<EvaluationRow>) rows::add).andThen(table);
    List<Task> tasks = new ArrayList<>();
    for (OpenModel model : models) {
      List<Integer> reached = contexts(model).filter(model::reaches).toList();
      if (!reached.isEmpty()) {
        tasks.add(new Task(model, reached));
      }
    }
    if (tasks.isEmpty()) {
      throw new CommandException(
          "No model has positions as far as that; learned ones end at the trained context:"
              + " --context="
              + options.contexts().stream().map(ContextLength::toString).collect(joining(","))
              + ", models="
              + String.join(", ", options.models()));
    }
    LossEvaluation evaluation = LossEvaluation.of(tasks, data, options.split(), options.windows());
    ComputeContext compute = device.open();
    table.begin(options.data(), evaluation.text());
    evaluation.run(compute, (model, losses) -> sink.accept(EvaluationRow.measured(model, losses)));
    for (OpenModel model : models) {
      contexts(model)
          .filter(context -> !model.reaches(context))
          .forEach(context -> sink.accept(EvaluationRow.beyond(model, context)));
    }
    table.finish(rows);
    return rows;
  }

  private static List<String> names(List<OpenModel> models) {
    return models.stream().map(OpenModel::name).toList();
  }

  private Stream<Integer> contexts(OpenModel model) {
    return options.contexts().stream()
        .map(length -> length.tokens(model.model().context()))
        .sorted()
        .distinct();
  }
}
