package io.shardfire.integration;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A command under way, with its output so far. */
final class RunningCommand implements AutoCloseable {
  private static final String EXECUTOR = "CoarseGrainedExecutorBackend";

  private final Process process;
  private final List<String> command;
  private final Transcript output;
  private volatile boolean killed;

  RunningCommand(Process process, List<String> command) {
    this.process = process;
    this.command = List.copyOf(command);
    this.output = new Transcript(command.toString());
    Thread reader = new Thread(this::read, "output of " + command.get(0));
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        output.add(line);
      }
    } catch (IOException e) {
      // Killing the process closes its output under the reader's hands.
      if (!killed) {
        throw new UncheckedIOException(e);
      }
    } finally {
      output.end();
    }
  }

  /**
   * Waits for a line; fails with the whole output when the command ends, or the deadline passes,
   * without it.
   */
  String awaitLine(Predicate<String> wanted) {
    return output.await(wanted);
  }

  /** The executor processes that exist now. */
  List<ProcessHandle> executors() {
    return executors(process.descendants());
  }

  /** Those of some processes that are Spark's executors. */
  static List<ProcessHandle> executors(Stream<ProcessHandle> processes) {
    return processes
        .filter(p -> p.info().commandLine().orElse("").contains(EXECUTOR))
        .filter(p -> p.info().command().orElse("").endsWith("java"))
        .toList();
  }

  /** SIGSTOP: the process stays, and does nothing more. */
  void pause(ProcessHandle handle) {
    try {
      Process kill = new ProcessBuilder("kill", "-STOP", Long.toString(handle.pid())).start();
      if (!kill.waitFor(30, TimeUnit.SECONDS) || kill.exitValue() != 0) {
        throw new AssertionError("The process cannot be stopped: pid=" + handle.pid());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** SIGTERM to the command alone, whose output is read on. */
  void terminate() {
    process.toHandle().destroy();
  }

  /** SIGKILL to the command and everything it started. */
  void killAll() {
    List<ProcessHandle> all = process.descendants().toList();
    killed = true;
    process.destroyForcibly();
    all.forEach(ProcessHandle::destroyForcibly);
    for (ProcessHandle handle : all) {
      handle.onExit().orTimeout(30, TimeUnit.SECONDS).join();
    }
    await();
  }

  /** Waits for the end. */
  Shardfire.Result await() {
    try {
      if (!process.waitFor(Shardfire.DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
        close();
        throw new AssertionError(
            command + " did not end within " + Shardfire.DEADLINE + ":\n" + output);
      }
      output.awaitEnd(Duration.ofSeconds(20));
      return new Shardfire.Result(command, process.exitValue(), output.lines());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    killed = true;
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
