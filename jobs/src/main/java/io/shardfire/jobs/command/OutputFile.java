package io.shardfire.jobs.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A local file that a command writes at its end; checked at its beginning. */
public record OutputFile(Path path) {

  /**
   * The file that an option names.
   *
   * @throws CommandException when it cannot be written there
   */
  public static OutputFile of(String option, Path path) {
    Path folder = path.toAbsolutePath().getParent();
    if (Files.isDirectory(path) || folder == null || !Files.isWritable(folder)) {
      throw new CommandException(
          "Not a file in a folder that can be written to; make the folder, or name another: "
              + option
              + "="
              + path);
    }
    return new OutputFile(path);
  }

  /** Replaces what it holds. */
  public void write(String text) throws IOException {
    Files.writeString(path, text);
  }
}
