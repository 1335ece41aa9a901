package io.shardfire.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.shardfire.jobs.Shardfire;
import io.shardfire.jobs.configuration.RunConfiguration;
import io.shardfire.jobs.configuration.RunConfigurationReader;
import io.shardfire.sharding.checkpoint.PlainFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

final class CommandsTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  /** Fails as it is told. */
  @Command(name = "fail")
  static final class Failing implements Callable<Integer> {
    @Mixin final GeneralOptions general = new GeneralOptions();
    private final Exception failure;

    Failing(Exception failure) {
      this.failure = failure;
    }

    @Override
    public Integer call() throws Exception {
      throw failure;
    }
  }

  /** Does as it is told. */
  @Command(name = "write")
  record Writing(Callable<Integer> work) implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
      return work.call();
    }
  }

  @Test
  void shouldSayHowToBringTheLibraryOfAFileSystem() {
    int code =
        execute(
            new Writing(
                () -> {
                  PlainFiles.fileSystem(
                      new Configuration(), new org.apache.hadoop.fs.Path("s3a://bucket/run"));
                  return ExitCode.OK;
                }));

    assertEquals(ExitCode.FAILURE, code);
    String said = err.toString();
    assertTrue(said.startsWith("error: The library of a file system"), said);
    assertTrue(said.contains("missing=Class org.apache.hadoop.fs.s3a.S3AFileSystem"), said);
    assertTrue(said.contains("--packages org.apache.hadoop:hadoop-aws:" + Versions.hadoop()), said);
  }

  @Test
  void shouldSayTheSameOfALibraryOfWhichAPartIsMissing() {
    int code =
        execute(
            new Writing(
                () -> {
                  throw new NoClassDefFoundError("software/amazon/awssdk/core/SdkClient");
                }));

    assertEquals(ExitCode.FAILURE, code);
    String said = err.toString();
    assertTrue(said.contains("missing=software.amazon.awssdk.core.SdkClient"), said);
    assertTrue(said.contains("org.apache.hadoop:hadoop-aws:"), said);
  }

  @Test
  void shouldListEveryCommand() {
    assertEquals(ExitCode.OK, run("--help"));
    for (String command :
        List.of(
            "prepare",
            "pretrain",
            "config",
            "generate",
            "evaluate",
            "fill",
            "embeddings",
            "attention",
            "inspect",
            "doctor",
            "bench",
            "baseline",
            "demo-corpus")) {
      assertTrue(out.toString().contains("\n  " + command + " "), command);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "prepare",
        "pretrain",
        "config",
        "generate",
        "evaluate",
        "fill",
        "embeddings",
        "attention",
        "inspect",
        "doctor",
        "bench",
        "baseline",
        "demo-corpus"
      })
  void shouldHelpWithExamples(String command) {
    assertEquals(ExitCode.OK, run(command, "--help"));

    String help = out.toString();
    assertTrue(help.startsWith("Usage: shardfire " + command + " "), help);
    assertTrue(help.contains("\nExample"), help);
    assertTrue(help.contains("\n  shardfire " + command), help);
    assertTrue(help.lines().allMatch(line -> line.length() <= 100), help);
    assertEquals("", err.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"step", "generate", "kernels", "tune"})
  void shouldHelpWithEveryBenchmark(String benchmark) {
    assertEquals(ExitCode.OK, run("bench", benchmark, "--help"));
    String help = out.toString();
    assertTrue(help.startsWith("Usage: shardfire bench " + benchmark + " "), help);
    assertTrue(help.contains("\nExample"), help);
    assertTrue(help.contains("\n  shardfire bench " + benchmark), help);
    assertTrue(help.lines().allMatch(line -> line.length() <= 100), help);
  }

  @Test
  void shouldShowVersions() {
    assertEquals(ExitCode.OK, run("--version"));

    String text = out.toString();
    assertTrue(text.startsWith("shardfire "), text);
    assertTrue(text.contains("\nspark 4.1.1\nhadoop 3.4.2\njava "), text);
  }

  @Test
  void shouldTakeAWrongCommandLineForUsage() {
    assertEquals(ExitCode.USAGE, run());
    assertError("error: No command given.\nTry 'shardfire --help'.\n");
    assertEquals(ExitCode.USAGE, run("pretain"));
    assertError(
        """
        error: Unmatched argument at index 0: 'pretain'
        Did you mean: shardfire pretrain or shardfire prepare or shardfire inspect?
        Try 'shardfire --help'.
        """);
    assertEquals(ExitCode.USAGE, run("pretrain", "--resume", "--overwrite"));
    assertError(
        """
        error: --resume, --overwrite are mutually exclusive (specify only one)
        Try 'shardfire pretrain --help'.
        """);
    assertEquals(ExitCode.USAGE, run("generate", "--prompt", "x"));
    assertError(
        """
        error: Missing required option: '--model=FOLDER'
        Try 'shardfire generate --help'.
        """);
    assertEquals(ExitCode.USAGE, run("generate", "--model", "m"));
    assertError(
        """
        error: Say what to continue: --prompt TEXT or --prompts FILE.
        Try 'shardfire generate --help'.
        """);
    assertEquals(ExitCode.USAGE, run("bench", "step", "--layers", "many"));
    assertError(
        """
        error: Invalid value for option '--layers': 'many' is not an int
        Try 'shardfire bench step --help'.
        """);
  }

  @Test
  void shouldNotTakeWhatTheLocaleDamagedForAnArgument() {
    PrintWriter errors = new PrintWriter(err, true);
    Callable<Integer> command = new Failing(new CommandException("called"));
    for (String name : List.of("ANSI_X3.4-1968", "ISO-8859-1", "none such")) {
      err.getBuffer().setLength(0);
      int code =
          Commands.execute(
              command, new PrintWriter(out), errors, new NameEncoding(name), "-p", "caf\uFFFD");
      assertEquals(ExitCode.USAGE, code);
      assertError(
          "error: Arguments with letters beyond ASCII need a UTF-8 locale: argument=caf\uFFFD"
              + " encoding="
              + name
              + ". Start with LC_ALL=C.UTF-8 in the environment; for a driver inside the cluster,"
              + " set spark.yarn.appMasterEnv.LC_ALL or spark.kubernetes.driverEnv.LC_ALL\n");
    }
    err.getBuffer().setLength(0);
    NameEncoding utf8 = new NameEncoding("UTF-8");
    Commands.execute(command, new PrintWriter(out), errors, utf8, "caf\u00E9");
    assertTrue(err.toString().startsWith("error: Unmatched argument"), err.toString());
    err.getBuffer().setLength(0);
    NameEncoding ascii = new NameEncoding("ANSI_X3.4-1968");
    assertEquals(ExitCode.FAILURE, Commands.execute(command, new PrintWriter(out), errors, ascii));
    assertError("error: called\n");
  }

  @Test
  void shouldRefusePathsOfThisMachineThatWouldBecomeOthers() {
    NameEncoding ascii = new NameEncoding("ANSI_X3.4-1968");
    for (String path : List.of("\u00F6", "file:/\u00F6", "file:///\u00F6")) {
      CommandException e =
          assertThrows(CommandException.class, () -> ascii.checkPaths(configuration(path)));
      assertTrue(
          e.getMessage()
              .startsWith(
                  "Paths with letters beyond ASCII need a UTF-8 locale: path="
                      + path
                      + " encoding=ANSI_X3.4-1968. Start with LC_ALL=C.UTF-8"),
          e.getMessage());
    }
    ascii.checkPaths(configuration("hdfs:///\u00F6"));
    ascii.checkPaths(configuration("plain"));
    new NameEncoding("UTF-8").checkPaths(configuration("\u00F6"));
  }

  private static RunConfiguration configuration(String input) {
    return RunConfigurationReader.read(
        Optional.empty(), List.of(), new TreeMap<>(Map.of("prepare.input", List.of(input))));
  }

  @Test
  void shouldTakeAWrongConfigurationForUsage() {
    assertEquals(ExitCode.USAGE, run("pretrain", "--set", "model.layrs=6"));
    assertError(
        "error: Unknown key model.layrs (--set model.layrs=6); did you mean model.layers?\n");
    assertEquals(
        ExitCode.USAGE,
        run(
            "pretrain",
            "--data",
            "d",
            "--run",
            "r",
            "--resume",
            "--allow-change",
            "model.dropout,training.weigthDecay"));
    assertError(
        "error: Unknown key training.weigthDecay (--allow-change training.weigthDecay); did you"
            + " mean training.weightDecay?\n");
  }

  @Test
  void shouldPrintTheEffectiveConfiguration() {
    assertEquals(
        ExitCode.OK,
        run("pretrain", "--print-config", "--data", "corpus", "-s", "model.preset=gpt2"));

    assertTrue(out.toString().startsWith("data: corpus\n"), out.toString());
    assertTrue(
        out.toString().contains("\nmodel:\n  kind: decoder\n  cell: none\n  layers: 12\n"),
        out.toString());
  }

  @Test
  void shouldLetPrepareOptionsStandForSettings() {
    int code =
        run(
            "prepare",
            "--print-config",
            "-i",
            "a",
            "-i",
            "b: c",
            "-o",
            "out",
            "--tokenizer",
            "char");

    assertEquals(ExitCode.OK, code);
    assertTrue(out.toString().contains("\n  input: [a, \"b: c\"]\n"), out.toString());
    assertTrue(out.toString().contains("\n  tokenizer: char\n"), out.toString());
  }

  @Test
  void shouldReportWhatUsersCanPutRightInOneLine() {
    assertEquals(ExitCode.FAILURE, fail(new CommandException("Too big: size=3")));
    assertError("error: Too big: size=3\n");
    assertEquals(ExitCode.FAILURE, fail(new NoSuchFileException("a.txt")));
    assertError("error: No such file: a.txt\n");
    UncheckedIOException unchecked = new UncheckedIOException(new IOException("disk is full"));
    assertEquals(ExitCode.FAILURE, fail(unchecked));
    assertError("error: disk is full\n");
  }

  @Test
  void shouldReportAFullLocalDiskInOneLine() {
    org.apache.hadoop.fs.Path device = new org.apache.hadoop.fs.Path("/dev/full");
    assumeTrue(Files.exists(Path.of("/dev/full")));

    int code =
        execute(
            new Writing(
                () -> {
                  try (OutputStream out =
                      PlainFiles.fileSystem(new Configuration(), device).create(device, true, 1)) {
                    out.write(new byte[2]);
                  }
                  return ExitCode.OK;
                }));

    assertEquals(ExitCode.FAILURE, code);
    assertError("error: No space left on device\n");
  }

  @Test
  void shouldShowTheTraceWhenAsked() {
    assertEquals(ExitCode.FAILURE, fail(new CommandException("Too big: size=3"), "--stacktrace"));

    String text = err.toString();
    assertTrue(text.startsWith("error: Too big: size=3\n"), text);
    assertTrue(text.contains("CommandsTest"), text);
  }

  @Test
  void shouldShowTheTraceOfABug() {
    assertEquals(ExitCode.FAILURE, fail(new IllegalStateException("impossible")));

    String text = err.toString();
    assertTrue(
        text.startsWith("error: unexpected java.lang.IllegalStateException; this is a bug.\n"),
        text);
    assertTrue(text.contains("\tat io.shardfire.jobs.command.CommandsTest"), text);
  }

  @Test
  void shouldNotTakeAnArgumentForAFile() {
    assertEquals(ExitCode.USAGE, run("@/etc/hostname"));
    assertFalse(out.toString().contains("Usage"));
  }

  private int run(String... arguments) {
    return execute(new Shardfire(), arguments);
  }

  private int fail(Exception failure, String... arguments) {
    return execute(new Failing(failure), arguments);
  }

  private int execute(Object command, String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return Commands.create(command, new PrintWriter(out, true), new PrintWriter(err, true))
        .execute(arguments);
  }

  private void assertError(String expected) {
    assertEquals(expected, err.toString());
    assertEquals("", out.toString());
  }
}
