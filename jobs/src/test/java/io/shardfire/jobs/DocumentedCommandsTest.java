package io.shardfire.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.jobs.command.Commands;
import io.shardfire.jobs.configuration.RunConfigurationReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/**
 * Every command line of the pages and of the commands' own help is one that the commands take: its
 * scripts, options and configuration keys are there. Nothing is run.
 */
final class DocumentedCommandsTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```(?:bash|sh)\\n(.*?)^```");
  private static final Pattern CONTINUED = Pattern.compile("\\\\\\n\\s*");
  private static final Pattern COMMENT = Pattern.compile("(?m)(^|\\s)#.*$");
  private static final Pattern ENVIRONMENT = Pattern.compile("[A-Z_]+=.*");
  private static final Pattern PART = Pattern.compile("'([^']*)'|\"([^\"]*)\"|([^\\s'\"]+)");
  private static final Set<String> OPERATORS = Set.of("|", "&&", ";", ">");
  private static final Set<String> SUBMITTED = Set.of("prepare", "pretrain");

  /** A command line, and where it stands. */
  private record Documented(String place, String line) {
    /** As a shell splits it, without settings of the environment, up to another program. */
    List<String> words() {
      List<String> words = new ArrayList<>();
      Matcher part = PART.matcher(line);
      int end = -1;
      while (part.find()) {
        String text =
            Stream.of(1, 2, 3).map(part::group).filter(found -> found != null).findFirst().get();
        if (part.start() == end) {
          words.set(words.size() - 1, words.get(words.size() - 1) + text);
        } else {
          words.add(text);
        }
        end = part.end();
      }
      return words.stream()
          .dropWhile(word -> ENVIRONMENT.matcher(word).matches())
          .takeWhile(word -> !OPERATORS.contains(word))
          .toList();
    }

    /** What our command line is given; empty where another program is called. */
    Optional<List<String>> arguments() {
      List<String> words = words();
      return switch (Path.of(words.get(0)).getFileName().toString()) {
        case "shardfire" -> Optional.of(words.subList(1, words.size()));
        case "submit-standalone", "submit-yarn", "submit-kubernetes" ->
            Optional.of(words.stream().dropWhile(word -> !SUBMITTED.contains(word)).toList());
        case "spark-submit" -> Optional.of(ofJar(words));
        default -> Optional.empty();
      };
    }

    /** Each of spark-submit's own options has a value. */
    private static List<String> ofJar(List<String> words) {
      String type = words.get(words.indexOf("--class") + 1);
      List<String> arguments = new ArrayList<>();
      arguments.add(type.substring(type.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
      int jar = 1;
      while (words.get(jar).startsWith("--")) {
        jar += 2;
      }
      arguments.addAll(words.subList(jar + 1, words.size()));
      return arguments;
    }

    @Override
    public String toString() {
      return place + ": " + line;
    }
  }

  static List<Documented> commands() {
    List<Documented> commands = new ArrayList<>();
    pages().forEach(page -> addBlocks(page, commands));
    addHelp(commandLine(), commands);
    return commands;
  }

  private static List<Path> pages() {
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(
              Stream.of("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md").map(ROOT::resolve),
              docs.filter(file -> file.toString().endsWith(".md")).sorted())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void addBlocks(Path page, List<Documented> commands) {
    try {
      Matcher block = BLOCK.matcher(Files.readString(page));
      while (block.find()) {
        add(ROOT.relativize(page).toString(), block.group(1), commands);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void addHelp(CommandLine command, List<Documented> commands) {
    String footer = String.join("\n", command.getCommandSpec().usageMessage().footer());
    add(command.getCommandSpec().qualifiedName() + " --help", footer, commands);
    command.getSubcommands().values().forEach(subcommand -> addHelp(subcommand, commands));
  }

  private static void add(String place, String text, List<Documented> commands) {
    String joined = CONTINUED.matcher(text).replaceAll("");
    COMMENT
        .matcher(joined)
        .replaceAll("")
        .lines()
        .filter(line -> !line.isBlank())
        .map(line -> new Documented(place, line.strip()))
        .filter(command -> command.arguments().isPresent())
        .forEach(commands::add);
  }

  private static CommandLine commandLine() {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    return Commands.create(new Shardfire(), nowhere, nowhere);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void shouldTakeWhatIsDocumented(Documented command) {
    String script = command.words().get(0);
    if (script.startsWith("scripts/")) {
      assertTrue(Files.isExecutable(ROOT.resolve(script)), script);
    }
    ParseResult result = commandLine().parseArgs(command.arguments().get().toArray(String[]::new));
    while (result.hasSubcommand()) {
      result = result.subcommand();
    }
    List<String> settings = result.matchedOptionValue("--set", List.of());
    if (!settings.isEmpty()) {
      Path file = result.matchedOptionValue("--config", null);
      // Where the page's own file is not in the repository, the settings stand on the defaults.
      Optional<Path> shipped =
          Optional.ofNullable(file).map(ROOT::resolve).filter(Files::isRegularFile);
      RunConfigurationReader.read(shipped, settings, Collections.emptySortedMap());
    }
  }

  /** A line of --help that is broken is not the command any more. */
  @Test
  void shouldNotBreakExamples() {
    List<String> broken = new ArrayList<>();
    addBroken(commandLine(), broken);
    assertEquals(List.of(), broken);
  }

  private static void addBroken(CommandLine command, List<String> broken) {
    Stream.of(command.getCommandSpec().usageMessage().footer())
        .filter(line -> line.length() > command.getUsageHelpWidth())
        .forEach(broken::add);
    command.getSubcommands().values().forEach(subcommand -> addBroken(subcommand, broken));
  }

  @Test
  void shouldFindThem() {
    List<Documented> commands = commands();

    for (String place :
        List.of(
            "README.md", "docs/clusters/yarn.md", "docs/models/gpt2.md", "shardfire pretrain")) {
      assertTrue(commands.stream().anyMatch(found -> found.place().startsWith(place)), place);
    }
  }

  @Test
  void shouldSplitAsAShellDoes() {
    Documented command =
        new Documented("here", "A=1 scripts/shardfire fill -t 'a [MASK] b' --x=\"c d\"e | jq");

    assertEquals(
        List.of("scripts/shardfire", "fill", "-t", "a [MASK] b", "--x=c de"), command.words());
  }
}
