package io.shardfire.jobs.command;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
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
    int code = create(command, out, err).execute(arguments);
    out.flush();
    err.flush();
    JobExit.with(code, System.getProperties(), System::exit);
  }

  /** The command, with help and errors on the given streams. */
  public static CommandLine create(Object command, PrintWriter out, PrintWriter err) {
    return new CommandLine(command)
        .setOut(out)
        .setErr(err)
        .setUsageHelpWidth(USAGE_WIDTH)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExpandAtFiles(false)
        .setParameterExceptionHandler(Commands::reportUsage)
        .setExecutionExceptionHandler(Commands::reportFailure);
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
