package io.shardfire.jobs.command;

import java.lang.reflect.Constructor;
import java.util.Properties;
import java.util.function.IntConsumer;
import org.apache.spark.SparkUserAppException;

/**
 * How a job that has failed ends, so that its exit code reaches whoever started it.
 *
 * <p>A JVM of our own simply exits. One that belongs to Spark is ended by Spark: spark-submit, and
 * the application master of YARN's cluster mode, run {@code main} and take the exit code from an
 * exception. An application master whose JVM exits under it reports "exitCode: 13" or "16" and
 * "Shutdown hook called before final status was reported". The driver wrapper of a standalone
 * cluster knows no such exception; it wants its JVM to exit.
 */
final class JobExit {
  /** Set by spark-submit in its own JVM, which is the driver's in client mode and on Kubernetes. */
  private static final String SUBMIT = "SPARK_SUBMIT";

  /** Set by YARN's application master before it calls {@code main}. */
  private static final String APPLICATION_MASTER = "spark.yarn.app.id";

  private JobExit() {}

  /**
   * Ends the job; where Spark is to end it, with a {@link SparkUserAppException}.
   *
   * @param system the JVM's properties, which tell whose it is
   * @param exit ends the JVM
   */
  static void with(int code, Properties system, IntConsumer exit) {
    if (code == ExitCode.OK) {
      // A cluster manager takes an exit for a lost driver, even with this code.
      return;
    }
    if (system.containsKey(SUBMIT) || system.containsKey(APPLICATION_MASTER)) {
      throwUnchecked(userAppException(code));
    }
    exit.accept(code);
  }

  /** Spark 4.1 has added a cause to the arguments of the only constructor. */
  private static Exception userAppException(int code) {
    Constructor<?> constructor = SparkUserAppException.class.getConstructors()[0];
    Object[] arguments = new Object[constructor.getParameterCount()];
    arguments[0] = code;
    try {
      return (Exception) constructor.newInstance(arguments);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      throw new IllegalStateException("Cannot tell Spark the exit code: code=" + code, e);
    }
  }

  /**
   * Spark's exception is checked; {@code main} need not declare it for reflection to pass it on.
   */
  @SuppressWarnings("unchecked")
  private static <E extends Exception> void throwUnchecked(Exception exception) throws E {
    throw (E) exception;
  }
}
