package io.shardfire.jobs.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.shardfire.worker.generate.Beams;
import io.shardfire.worker.generate.GenerationOptions;
import io.shardfire.worker.generate.Prompt;
import io.shardfire.worker.generate.Sampling;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class GenerateOptionsTest {
  @Command
  private static final class Holder {
    @Mixin GenerateOptions options;
  }

  @Test
  void shouldDrawByDefault() {
    GenerateOptions options = parse("-p", "a", "--prompt", "b");
    assertEquals(List.of(new Prompt("a", 1337), new Prompt("b", 1337)), options.prompts());
    GenerationOptions generation = options.generation();
    assertEquals(new Sampling(0.8, 0, 1, 0, 1), generation.strategy());
    assertEquals(100, generation.maxTokens());
    assertEquals(2, generation.slots(2, options.batch()));
    assertEquals(8, generation.slots(100, options.batch()));
  }

  @Test
  void shouldTakeEveryFilter() {
    GenerationOptions generation =
        parse(
                "-t",
                "0.7",
                "--top-k",
                "40",
                "--top-p",
                "0.9",
                "--min-p",
                "0.05",
                "--repetition-penalty",
                "1.2",
                "--tokens",
                "7",
                "--samples",
                "3",
                "--stop",
                "x",
                "--stop",
                "y z")
            .generation();
    assertEquals(new Sampling(0.7, 40, 0.9, 0.05, 1.2), generation.strategy());
    assertEquals(List.of("x", "y z"), generation.stops());
    assertEquals(7, generation.maxTokens());
    assertEquals(3, generation.samples());
  }

  @Test
  void shouldSearchWithBeams() {
    GenerationOptions generation =
        parse("--beams", "4", "--length-penalty", "0.6", "--samples", "2").generation();
    assertEquals(new Beams(4, 0.6, 1), generation.strategy());
    assertEquals(4, generation.slots(100, 8));
    assertEquals(
        new Beams(4, 1, 1.1),
        parse("--beams", "4", "--repetition-penalty", "1.1").generation().strategy());
  }

  @Test
  void shouldRefuseWhatCannotBe() {
    assertEquals(
        "A beam search draws nothing; leave out --beams, or what is for drawing: --beams=4,"
            + " --temperature=0.7, --top-p=0.9",
        refused("--beams", "4", "--top-p", "0.9", "-t", "0.7"));
    assertEquals(
        "--length-penalty is for a beam search; add --beams N or leave it out:"
            + " --length-penalty=2.0",
        refused("--length-penalty", "2"));
    assertEquals(
        "top-p must be above 0 and at most 1, which keeps all: topP=1.5",
        refused("--top-p", "1.5"));
    assertEquals("--max-tokens must be at least 1: --max-tokens=0", refused("-n", "0"));
    assertEquals("--beams must be at least 1: --beams=0", refused("--beams", "0"));
    assertEquals("--beams must be at most 256: --beams=300", refused("--beams", "300"));
    assertEquals(
        "A beam search gives at most as many continuations as it has beams: samples=3, beams=2",
        refused("--beams", "2", "--samples", "3"));
    CommandException e = assertThrows(CommandException.class, () -> parse("--batch", "0").batch());
    assertEquals("--batch must be from 1 to 256: --batch=0", e.getMessage());
  }

  private static String refused(String... arguments) {
    return assertThrows(RuntimeException.class, () -> parse(arguments).generation()).getMessage();
  }

  private static GenerateOptions parse(String... arguments) {
    Holder holder = new Holder();
    List<String> all = new ArrayList<>(List.of("-m", "model"));
    all.addAll(List.of(arguments));
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    Commands.create(holder, nowhere, nowhere).parseArgs(all.toArray(String[]::new));
    return holder.options;
  }
}
