package io.shardfire.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The single jar under a plain Spark that knows nothing of Shardfire. */
class SubmitIT {
  private static final Path JOBS_JAR = Path.of(System.getProperty("shardfire.jobs.jar", "not set"));

  /** What the jobs jar brings itself; a plain Spark has none of it. */
  private static final Pattern OURS =
      Pattern.compile("(shardfire-|aparapi|kryo5-|tokenizers-|api-0|picocli-|bcel-|jna-).*");

  @Test
  void shouldTrainTheSameBitsUnderSparkSubmit(@TempDir Path folder) throws IOException {
    TrainingFixture fixture = TrainingFixture.prepare(folder);
    Shardfire.succeed(fixture.pretrain("launched", 2));
    Path run = folder.resolve("submitted");

    Shardfire.Result result =
        submit("--config", fixture.configuration().toString(), "--run", run.toString());

    assertEquals(0, result.exitCode(), result::transcript);
    ReproducibilityIT.assertSameAs(fixture.run("launched"), fixture.run("submitted"), 40);
    assertSaidOnce(result, "Skip current round of resource offers");
    // The folder is taken now: Spark ends the job with our exit code, and without a trace.
    Shardfire.Result again =
        submit("--config", fixture.configuration().toString(), "--run", run.toString());
    assertEquals(1, again.exitCode(), again::transcript);
    assertTrue(again.text().contains("error: The run cannot start"), again::transcript);
    assertFalse(again.text().contains("SparkUserAppException"), again::transcript);
  }

  @Test
  void shouldEndWithTheExitCodeOfAWrongConfiguration() throws IOException {
    Shardfire.Result result = submit("--set", "model.layrs=2");

    assertEquals(2, result.exitCode(), result::transcript);
    assertTrue(result.text().contains("error: Unknown key model.layrs"), result::transcript);
    assertFalse(result.text().contains("Exception"), result::transcript);
  }

  /** Once for each stage and number of slots, whatever the time. */
  private static void assertSaidOnce(Shardfire.Result result, String text) {
    List<String> said =
        result.lines().stream()
            .filter(line -> line.contains(text))
            .map(line -> line.substring(line.indexOf(text)))
            .toList();
    assertEquals(said.stream().distinct().toList(), said, result::transcript);
  }

  /** Runs spark-submit, with Spark's own settings for the log. */
  private static Shardfire.Result submit(String... arguments) throws IOException {
    Path spark = plainSpark(Path.of("target", "plain-spark").toAbsolutePath());
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx1g");
    for (String opened :
        List.of(
            "java.lang",
            "java.lang.invoke",
            "java.lang.reflect",
            "java.io",
            "java.net",
            "java.nio",
            "java.util",
            "java.util.concurrent",
            "java.util.concurrent.atomic",
            "sun.nio.ch",
            "sun.nio.cs",
            "sun.security.action",
            "sun.util.calendar")) {
      command.add("--add-opens=java.base/" + opened + "=ALL-UNNAMED");
    }
    command.addAll(
        List.of(
            "-cp",
            spark.resolve("jars") + "/*",
            "org.apache.spark.deploy.SparkSubmit",
            "--master",
            "local-cluster[2,1,1024]",
            "--conf",
            "spark.executor.memory=1g",
            "--conf",
            "spark.executor.extraJavaOptions=-XX:+UseG1GC",
            "--class",
            "io.shardfire.jobs.Pretrain",
            JOBS_JAR.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("SPARK_HOME", spark.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    return Shardfire.start(builder).await();
  }

  /**
   * The distribution's Spark jars alone, as links. They are not in the test's temporary folder,
   * because JUnit warns of each link that leads out of that.
   */
  private static Path plainSpark(Path home) throws IOException {
    Path jars = Files.createDirectories(home.resolve("jars"));
    try (Stream<Path> all = Files.list(Shardfire.distribution().resolve("jars"))) {
      for (Path jar : all.toList()) {
        String name = jar.getFileName().toString();
        if (!OURS.matcher(name).matches()) {
          Files.deleteIfExists(jars.resolve(name));
          Files.createSymbolicLink(jars.resolve(name), jar);
        }
      }
    }
    return home;
  }
}
