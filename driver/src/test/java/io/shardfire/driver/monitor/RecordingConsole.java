package io.shardfire.driver.monitor;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;

/** A console whose output is kept. */
public final class RecordingConsole {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Console console;

  /** With the given terminal. */
  public RecordingConsole(Terminal terminal, Clock clock) {
    console = Console.on(new PrintStream(bytes, true, StandardCharsets.UTF_8), terminal, clock);
  }

  /** To print on. */
  public Console console() {
    return console;
  }

  /** Everything printed since the last call; the escape character is shown as {@code <}. */
  public String take() {
    String text = bytes.toString(StandardCharsets.UTF_8).replace('\u001b', '<');
    bytes.reset();
    return text;
  }
}
