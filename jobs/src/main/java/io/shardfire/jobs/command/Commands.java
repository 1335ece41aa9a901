package io.shardfire.jobs.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hadoop.fs.FSError;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** Builds and runs picocli commands with one policy for help, errors and exit codes. */
public final class Commands {
  private static final int USAGE_WIDTH = 100;

  private Commands() {}

  /** The body of every {@code main}: runs the command and ends the job with its exit code. */
  public static void main(Object command, String[] arguments) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code = execute(command, out, err, NameEncoding.ofThisJvm(), arguments);
    out.flush();
    err.flush();
    JobExit.with(code, System.getProperties(), System::exit);
  }

  static int execute(
      Object command, PrintWriter out, PrintWriter err, NameEncoding names, String... arguments) {
    try {
      names.checkArguments(arguments);
    } catch (CommandException e) {
      err.println("error: " + e.getMessage());
      return ExitCode.USAGE;
    }
    return create(command, out, err).execute(arguments);
  }

  /** The command, with help and errors on the given streams. */
  public static CommandLine create(Object command, PrintWriter out, PrintWriter err) {
    return new CommandLine(command)
        .setOut(out)
        .setErr(err)
        .setUsageHelpWidth(USAGE_WIDTH)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExpandAtFiles(false)
        .setExecutionStrategy(Commands::run)
        .setParameterExceptionHandler(Commands::reportUsage)
        .setExecutionExceptionHandler(Commands::reportFailure);
  }

  /**
   * Hadoop's local file system throws an error where others throw an exception, and the JVM does
   * where a part of a library is missing.
   */
  private static int run(ParseResult result) {
    List<CommandLine> commands = result.asCommandLineList();
    CommandLine last = commands.get(commands.size() - 1);
    try {
      return new CommandLine.RunLast().execute(result);
    } catch (FSError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      IOException failure = new IOException(cause.getMessage(), e);
      throw new CommandLine.ExecutionException(last, "A local disk has failed", failure);
    } catch (LinkageError e) {
      throw new CommandLine.ExecutionException(last, "A class cannot be used: " + e, e);
    }
  }

  private static int reportUsage(CommandLine.ParameterException exception, String[] arguments) {
    CommandLine command = exception.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("error: " + exception.getMessage().replaceFirst("^Error: ", ""));
    CommandLine.UnmatchedArgumentException.printSuggestions(exception, err);
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.USAGE;
  }

  private static int reportFailure(Exception exception, CommandLine command, ParseResult result) {
    return new FailureReport(command.getErr(), showsStackTrace(command)).print(exception);
  }

  private static boolean showsStackTrace(CommandLine command) {
    return command.getMixins().values().stream()
        .anyMatch(mixin -> mixin instanceof GeneralOptions options && options.stacktrace());
  }
}
