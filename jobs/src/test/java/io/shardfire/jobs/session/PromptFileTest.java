package io.shardfire.jobs.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.jobs.command.CommandException;
import io.shardfire.worker.generate.Prompt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptFileTest {
  @TempDir Path folder;

  @Test
  void shouldReadAPromptALine() throws IOException {
    assertEquals(
        List.of(new Prompt("one \u00E9", 5), new Prompt("{\"prompt\": 2}", 5)),
        read("prompts.txt", "one \u00E9\r\n\n  \n{\"prompt\": 2}"));
  }

  @Test
  void shouldReadJsonLinesWithSeeds() throws IOException {
    assertEquals(
        List.of(new Prompt("a\nb", 5), new Prompt("", 9)),
        read(
            "prompts.jsonl",
            "{\"prompt\": \"a\\nb\", \"other\": 1}\n\n{\"seed\": 9, \"prompt\": \"\"}\n"));
  }

  @Test
  void shouldNameWhatIsNoPrompt() {
    String rule =
        "A line is not an object with a text \"prompt\" and, if wanted, a whole number \"seed\":"
            + " file=";
    for (String line :
        List.of("{\"prompt\": 1}", "[1]", "{\"prompt\"", "{\"prompt\": \"a\", \"seed\": \"x\"}")) {
      String text = "{\"prompt\": \"a\"}\n" + line;
      assertEquals(rule + file("p.jsonl") + ", line=2", refused("p.jsonl", text));
    }
    assertEquals("The file has no prompts: file=" + file("p"), refused("p", "\n \n"));
  }

  @Test
  void shouldRefuseOtherEncodings() throws IOException {
    Files.write(folder.resolve("latin"), "caf\u00E9".getBytes(StandardCharsets.ISO_8859_1));
    CommandException e =
        assertThrows(
            CommandException.class,
            () -> PromptFile.read(new Configuration(false), file("latin"), 5));
    assertEquals(
        "The prompts are not UTF-8; convert the file: file=" + file("latin") + ", after line 0",
        e.getMessage());
  }

  private String refused(String name, String text) {
    return assertThrows(CommandException.class, () -> read(name, text)).getMessage();
  }

  private List<Prompt> read(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
    return PromptFile.read(new Configuration(false), file(name), 5);
  }

  private String file(String name) {
    return folder.resolve(name).toUri().toString();
  }
}
