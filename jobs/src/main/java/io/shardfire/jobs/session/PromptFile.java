package io.shardfire.jobs.session;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.jobs.command.CommandException;
import io.shardfire.worker.generate.Prompt;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * A file of prompts in UTF-8. Blank lines are skipped.
 *
 * <pre>
 * name.jsonl     {"prompt": "Once upon a time", "seed": 7}
 * other names    Once upon a time
 * </pre>
 */
public final class PromptFile {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STANDARD_INPUT = "-";

  private final String name;
  private final long seed;

  private PromptFile(String name, long seed) {
    this.name = name;
    this.seed = seed;
  }

  /**
   * The prompts of a file.
   *
   * @param name its path, or "-" for standard input
   * @param seed of prompts that have none of their own
   * @throws CommandException naming the line that is no prompt
   */
  public static List<Prompt> read(Configuration hadoop, String name, long seed) throws IOException {
    if (name.equals(STANDARD_INPUT)) {
      return new PromptFile("standard input", seed).read(System.in);
    }
    Path path = new Path(name);
    try (InputStream in = path.getFileSystem(hadoop).open(path)) {
      return new PromptFile(name, seed).read(in);
    }
  }

  private List<Prompt> read(InputStream in) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()));
    List<Prompt> prompts = new ArrayList<>();
    int number = 0;
    try {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        if (!line.isBlank()) {
          prompts.add(prompt(line, number));
        }
      }
    } catch (CharacterCodingException e) {
      throw new CommandException(
          "The prompts are not UTF-8; convert the file: file=" + name + ", after line " + number,
          e);
    }
    if (prompts.isEmpty()) {
      throw new CommandException("The file has no prompts: file=" + name);
    }
    return prompts;
  }

  private Prompt prompt(String line, int number) {
    if (!name.endsWith(".jsonl")) {
      return new Prompt(line, seed);
    }
    JsonNode object = parse(line, number);
    JsonNode text = object.path("prompt");
    JsonNode own = object.path("seed");
    if (!text.isTextual() || !(own.isMissingNode() || own.canConvertToLong())) {
      throw notAPrompt(number, null);
    }
    return new Prompt(text.asText(), own.asLong(seed));
  }

  private JsonNode parse(String line, int number) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw notAPrompt(number, e);
    }
  }

  private CommandException notAPrompt(int number, Exception cause) {
    return new CommandException(
        "A line is not an object with a text \"prompt\" and, if wanted, a whole number \"seed\":"
            + " file="
            + name
            + ", line="
            + number,
        cause);
  }
}
