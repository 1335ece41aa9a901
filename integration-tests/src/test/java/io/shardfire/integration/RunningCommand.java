package io.shardfire.integration;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A command under way, with its output so far. */
final class RunningCommand implements AutoCloseable {
  private static final String EXECUTOR = "CoarseGrainedExecutorBackend";

  private final Process process;
  private final List<String> command;
  private final List<String> lines = new ArrayList<>();
  private boolean ended;
  private volatile boolean killed;

  RunningCommand(Process process, List<String> command) {
    this.process = process;
    this.command = List.copyOf(command);
    Thread reader = new Thread(this::read, "output of " + command.get(0));
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        synchronized (lines) {
          lines.add(line);
          lines.notifyAll();
        }
      }
    } catch (IOException e) {
      // Killing the process closes its output under the reader's hands.
      if (!killed) {
        throw new UncheckedIOException(e);
      }
    } finally {
      synchronized (lines) {
        ended = true;
        lines.notifyAll();
      }
    }
  }

  /**
   * Waits for a line; fails with the whole output when the command ends, or the deadline passes,
   * without it.
   */
  String awaitLine(Predicate<String> wanted) {
    long deadline = System.nanoTime() + Shardfire.DEADLINE.toNanos();
    synchronized (lines) {
      for (int next = 0; ; ) {
        for (; next < lines.size(); next++) {
          if (wanted.test(lines.get(next))) {
            return lines.get(next);
          }
        }
        long left = deadline - System.nanoTime();
        if (ended || left <= 0) {
          throw new AssertionError(
              "The awaited line did not appear in the output of "
                  + command
                  + ":\n"
                  + String.join("\n", lines));
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(lines, left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException(e);
        }
      }
    }
  }

  /** The executor processes that exist now. */
  List<ProcessHandle> executors() {
    return process
        .descendants()
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
            command
                + " did not end within "
                + Shardfire.DEADLINE
                + ":\n"
                + String.join("\n", snapshot()));
      }
      awaitOutput();
      return new Shardfire.Result(command, process.exitValue(), snapshot());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void awaitOutput() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    synchronized (lines) {
      for (long left = deadline - System.nanoTime();
          !ended && left > 0;
          left = deadline - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(lines, left);
      }
    }
  }

  private List<String> snapshot() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  @Override
  public void close() {
    killed = true;
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
