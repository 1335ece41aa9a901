package io.shardfire.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A prepared corpus and a small configuration in a folder of the test's own. */
final class TrainingFixture {
  private static final String CONFIGURATION =
      """
      data: %s
      run: %s
      prepare:
        input: [%s]
        documents: LINE
        tokenizer: CHAR
        validationFraction: 0.1
      model:
        layers: 2
        heads: 3
        width: 48
        context: 37
        dropout: 0.1
      training:
        steps: 40
        microBatch: 3
        accumulation: 2
        logicalShards: 2
        zeroStage: 1
        seed: 7
        learningRate: 1.0e-3
        minimumLearningRate: 1.0e-4
        warmupSteps: 5
        decaySteps: 200
        evaluateEvery: 20
        evaluationBatches: 5
        checkpointEvery: 20
      recovery:
        replacementTimeoutSeconds: 60
      """;

  private final Path folder;
  private final Path configuration;

  private TrainingFixture(Path folder, Path configuration) {
    this.folder = folder;
    this.configuration = configuration;
  }

  /** Writes the corpus and the configuration, and runs prepare. */
  static TrainingFixture prepare(Path folder) throws IOException {
    Path text = SmallCorpus.write(folder.resolve("corpus.txt"), 4000);
    Path configuration = folder.resolve("run.yaml");
    Files.writeString(
        configuration,
        CONFIGURATION.formatted(folder.resolve("data"), folder.resolve("unset"), text));
    TrainingFixture fixture = new TrainingFixture(folder, configuration);
    Shardfire.succeed("prepare", "--config", configuration.toString());
    return fixture;
  }

  /** The folder of the test. */
  Path folder() {
    return folder;
  }

  /** The configuration file. */
  Path configuration() {
    return configuration;
  }

  /** The run folder of a name. */
  TrainedRun run(String name) {
    return new TrainedRun(folder.resolve(name));
  }

  /** Arguments of a pretrain command over {@code ranks} executor processes of one core. */
  String[] pretrain(String run, int ranks, String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.add("pretrain");
    arguments.add("--config");
    arguments.add(configuration.toString());
    arguments.add("--run");
    arguments.add(folder.resolve(run).toString());
    arguments.add("--master");
    arguments.add("local-cluster[" + ranks + ",1,1024]");
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }
}
