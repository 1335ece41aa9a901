package io.shardfire.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the launcher makes of its environment. Names beyond ASCII are written by the shell, as octal
 * bytes, so that these tests do not depend on a locale themselves.
 */
class LauncherIT {
  private static final String UMLAUT = "$'\\303\\266'";

  @TempDir private Path folder;

  @BeforeEach
  void writeCorpus() throws IOException {
    Files.writeString(folder.resolve("lines.txt"), "one line\nand another\n".repeat(50));
  }

  @Test
  void shouldTakeArgumentsAndPathsForUtf8InAnyLocale() {
    Shardfire.Result result =
        shell(
            Map.of("LC_ALL", "C"),
            "mkdir "
                + UMLAUT
                + " && cp lines.txt "
                + UMLAUT
                + "/"
                + UMLAUT
                + ".txt && \"$SHARDFIRE\" prepare --master 'local[1]' --tokenizer char"
                + " --validation-fraction 0 -i "
                + UMLAUT
                + " -o out"
                + UMLAUT
                + " && test -f out"
                + UMLAUT
                + "/index.json");

    assertEquals(0, result.exitCode(), result::transcript);
    assertTrue(result.text().contains("documents   100 in 1 files"), result::transcript);
    assertEquals(List.of(), hidden(), result::transcript);
  }

  @Test
  void shouldSayWhenThereIsNoUtf8Locale() throws IOException {
    Path java = fakeJava("exec env LC_ALL=C \"$REAL\" \"$@\"");
    Shardfire.Result result =
        shell(Map.of("JAVA_HOME", java.toString()), "\"$SHARDFIRE\" generate -m x -p " + UMLAUT);
    assertFailure(
        result,
        "Arguments with letters beyond ASCII need a UTF-8 locale, and this machine has none:"
            + " encoding=ANSI_X3.4-1968");
    result = shell(Map.of("JAVA_HOME", java.toString()), "\"$SHARDFIRE\" generate -m x -p o");
    assertFailure(result, "No such model folder");
  }

  @Test
  void shouldSayWhenAJvmOfSparkSubmitHasNoUtf8Locale() throws IOException {
    String java =
        "\"$REAL\" -cp \"$JARS/*\" io.shardfire.jobs.Shardfire prepare --master 'local[1]'";
    String remedy = " encoding=ANSI_X3.4-1968. Start with LC_ALL=C.UTF-8 in the environment;";
    Shardfire.Result result = shell(Map.of("LC_ALL", "C"), java + " -i lines.txt -o " + UMLAUT);
    assertFailure(
        result, "Arguments with letters beyond ASCII need a UTF-8 locale: argument=", remedy);
    Files.write(
        folder.resolve("run.yaml"),
        "data: out\u00F6\nprepare:\n  input: [lines.txt]\n".getBytes(StandardCharsets.UTF_8));
    result = shell(Map.of("LC_ALL", "C"), java + " --config run.yaml");
    assertFailure(result, "Paths with letters beyond ASCII need a UTF-8 locale: path=out", remedy);
    assertEquals(List.of(), hidden(), result::transcript);
  }

  @Test
  void shouldRefuseToLeaveOutFilesWhoseNamesItCannotRead() {
    String latin = "$'names/\\366.txt'";
    Shardfire.Result result =
        shell(
            Map.of(),
            "mkdir names && cp lines.txt names/a.txt && cp lines.txt "
                + latin
                + " && \"$SHARDFIRE\" prepare --master 'local[1]' --tokenizer char -i names -o out");
    assertFailure(
        result, "The name of a file is not in the encoding of this locale: folder=", "names");
  }

  @Test
  void shouldChooseAPlaceForCompiledKernelsThatCanBeWritten() throws IOException {
    Path java = fakeJava("echo \"cache=$POCL_CACHE_DIR\"");
    Map<String, String> environment =
        Map.of("JAVA_HOME", java.toString(), "TMPDIR", folder.toString(), "HOME", "/proc");
    String doctor = "unset XDG_CACHE_HOME POCL_CACHE_DIR; \"$SHARDFIRE\" doctor";
    String chosen = "/pocl/kcache";

    String text = shell(environment, doctor).text();
    assertTrue(text.matches("cache=" + folder + "/shardfire-\\d+" + chosen), text);

    Path home = Files.createDirectory(folder.resolve("home"));
    text = shell(environment, "export HOME=" + home + "; " + doctor).text();
    assertEquals("cache=", text);

    text = shell(environment, "export XDG_CACHE_HOME=/proc; \"$SHARDFIRE\" doctor").text();
    assertTrue(text.endsWith(chosen), text);

    text = shell(environment, "export POCL_CACHE_DIR=mine; \"$SHARDFIRE\" doctor").text();
    assertEquals("cache=mine", text);
  }

  @Test
  void shouldNameACacheThatCannotBeWritten() {
    Shardfire.Result result = shell(Map.of("POCL_CACHE_DIR", "/proc/x"), "\"$SHARDFIRE\" doctor");
    assertFailure(
        result,
        "opencl     FAIL no OpenCL device: cache=/proc/x, drivers=[pocl.icd] in /etc/OpenCL/vendors",
        "-> PoCL is installed, and offers a device only where it can write its cache: let"
            + " POCL_CACHE_DIR name a folder that can be written to");
  }

  @Test
  void shouldReadTheConfigurationOfHadoop() throws IOException {
    Path configuration = Files.createDirectory(folder.resolve("hadoop"));
    Files.writeString(
        configuration.resolve("core-site.xml"),
        """
        <configuration>
          <property><name>fs.defaultFS</name><value>hdfs://localhost:1</value></property>
          <property><name>ipc.client.connect.max.retries</name><value>0</value></property>
        </configuration>
        """);
    for (String name : List.of("HADOOP_CONF_DIR", "YARN_CONF_DIR")) {
      Shardfire.Result result =
          shell(Map.of(name, configuration.toString()), "\"$SHARDFIRE\" inspect hdfs:///runs/x");
      assertFailure(result, "localhost:1 failed on connection exception");
      assertFailure(
          shell(Map.of(name, "nowhere"), "\"$SHARDFIRE\" doctor"),
          "error: " + name + "=nowhere is not a folder; let it name the folder of core-site.xml");
    }
  }

  @Test
  void shouldShareClassesOnceWarm() throws IOException {
    Map<String, String> environment = Map.of("XDG_CACHE_HOME", folder.resolve("cache").toString());
    String kernels = "export POCL_CACHE_DIR=${POCL_CACHE_DIR:-$HOME/.cache/pocl/kcache}; ";
    String config = "\"$SHARDFIRE\" config training.steps";
    String logged = "SHARDFIRE_JAVA_OPTIONS=-Xlog:class+load:file=loads.txt " + config;
    String shared = "io.shardfire.jobs.Shardfire source: shared objects file (top)";

    Shardfire.Result cold = shell(environment, kernels + logged);
    assertEquals(0, cold.exitCode(), cold::transcript);
    assertFalse(loads("loads.txt").contains(shared));

    Shardfire.Result warm = shell(environment, kernels + "\"$SHARDFIRE\" warm");
    assertEquals(0, warm.exitCode(), warm::transcript);
    assertEquals(
        List.of(
            "training a tiny model, which compiles the kernels: half a minute or so at first",
            "kernels     compiled"),
        warm.lines().subList(0, 2));
    assertTrue(
        warm.lines().get(2).matches("classes     archived as this command ends: .*/\\d+\\.jsa"),
        warm::transcript);
    assertEquals(3, warm.lines().size(), warm::transcript);

    // Which loads few classes, and must not replace the archive.
    shell(environment, kernels + "\"$SHARDFIRE\" warm --help");

    Shardfire.Result again = shell(environment, kernels + logged);
    assertEquals(cold.lines(), again.lines());
    assertTrue(loads("loads.txt").contains(shared), again::transcript);

    // Settings of Hadoop have to be on the class path, which Java does not archive then.
    Shardfire.Result settings =
        shell(environment, kernels + "mkdir hadoop && HADOOP_CONF_DIR=$PWD/hadoop " + logged);
    assertEquals(cold.lines(), settings.lines());
    assertFalse(loads("loads.txt").contains(shared), settings::transcript);

    Shardfire.Result executors =
        shell(
            environment,
            kernels
                + "\"$SHARDFIRE\" prepare --tokenizer char --validation-fraction 0 -i lines.txt"
                + " -o corpus --master 'local-cluster[1,1,512]' --conf"
                + " spark.executor.extraJavaOptions=-Xlog:class+load:file=$PWD/executor.txt");
    assertEquals(0, executors.exitCode(), executors::transcript);
    assertTrue(
        loads("executor.txt")
            .contains("org.apache.spark.executor.Executor source: shared objects file (top)"),
        executors::transcript);
  }

  private String loads(String file) throws IOException {
    return Files.readString(folder.resolve(file));
  }

  private static void assertFailure(Shardfire.Result result, String... parts) {
    assertNotEquals(0, result.exitCode(), result::transcript);
    for (String part : parts) {
      assertTrue(
          result.text().contains(part), () -> "missing: " + part + "\n" + result.transcript());
    }
    assertTrue(result.lines().stream().noneMatch(l -> l.startsWith("\tat ")), result::transcript);
  }

  /** Names in the folder that begin with a dot. */
  private List<String> hidden() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("."))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A folder for JAVA_HOME whose java tells of itself truly and otherwise does as it is told. */
  private Path fakeJava(String otherwise) throws IOException {
    Path home = folder.resolve("java");
    Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
    boolean always = otherwise.startsWith("exec");
    Files.writeString(
        java,
        "#!/bin/bash\n"
            + (always ? "" : "case $1 in -XshowSettings*) exec \"$REAL\" \"$@\" ;; esac\n")
            + otherwise
            + "\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    return home;
  }

  private Shardfire.Result shell(Map<String, String> environment, String script) {
    ProcessBuilder builder = new ProcessBuilder("bash", "-c", script).directory(folder.toFile());
    Map<String, String> variables = builder.environment();
    variables.keySet().removeAll(List.of("HADOOP_CONF_DIR", "YARN_CONF_DIR", "JAVA_HOME"));
    variables.put("SHARDFIRE", Shardfire.distribution().resolve("bin/shardfire").toString());
    variables.put("JARS", Shardfire.distribution().resolve("jars").toString());
    variables.put("REAL", Path.of(System.getProperty("java.home"), "bin/java").toString());
    variables.putAll(environment);
    return Shardfire.start(builder).await();
  }
}
