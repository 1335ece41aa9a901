package io.shardfire.jobs.session;

import io.shardfire.driver.launch.BlockingCalls;
import io.shardfire.driver.launch.WaitTimeoutException;
import io.shardfire.driver.plan.ClusterConfiguration;
import io.shardfire.jobs.command.CommandException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;

/**
 * The folders of a job that lie on S3 (scheme {@code s3a}): asked for an answer before anything is
 * started, and their connector's settings, so that every executor has the driver's.
 */
public final class ObjectStores {
  private static final String SCHEME = "s3a";
  private static final Pattern SCHEME_OF = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):");
  private static final String KEYS = "fs.s3a.";

  /** What Spark takes before a setting of Hadoop's. */
  private static final String OF_HADOOP = "spark.hadoop.";

  /**
   * Where nobody has set them. By Hadoop's own a store that does not answer is tried for a quarter
   * of an hour, and one that stops answering holds a lease's renewal up for longer than the lease
   * is good for. Milliseconds, as all versions of the connector read them.
   */
  private static final Map<String, String> STANDARD =
      Map.of(
          "fs.s3a.connection.establish.timeout", "15000",
          "fs.s3a.connection.timeout", "20000",
          "fs.s3a.attempts.maximum", "1",
          "fs.s3a.retry.limit", "5");

  /** Whoever waits for the first answer has just typed the name of the store. */
  private static final Map<String, String> FIRST_ANSWER =
      Map.of("fs.s3a.attempts.maximum", "0", "fs.s3a.retry.limit", "1");

  private final Configuration hadoop;
  private final List<Path> folders;
  private final Map<String, String> chosen = new TreeMap<>();

  private ObjectStores(Configuration hadoop, List<Path> folders) {
    this.hadoop = hadoop;
    this.folders = folders;
  }

  /**
   * Those of a job.
   *
   * @param hadoop as the user has set it; stays as it is
   * @param paths which the job reads or writes; blank ones are none
   */
  public static ObjectStores of(Configuration hadoop, Collection<String> paths) {
    List<Path> folders =
        paths.stream()
            .filter(path -> !path.isBlank() && SCHEME.equals(scheme(hadoop, path)))
            .map(Path::new)
            .toList();
    ObjectStores stores = new ObjectStores(new Configuration(hadoop), folders);
    if (!folders.isEmpty()) {
      stores.chooseSettings();
    }
    return stores;
  }

  /** Of a text that may be no path at all, which others then say. */
  private static String scheme(Configuration hadoop, String path) {
    Matcher scheme = SCHEME_OF.matcher(path);
    return scheme.lookingAt() ? scheme.group(1) : FileSystem.getDefaultUri(hadoop).getScheme();
  }

  private void chooseSettings() {
    STANDARD.forEach(
        (key, value) -> {
          if (!isSet(key)) {
            hadoop.set(key, value);
            chosen.put(key, value);
          }
        });
  }

  /** By anybody but Hadoop itself. */
  private boolean isSet(String key) {
    String[] sources = hadoop.getPropertySources(key);
    return sources != null && !Arrays.asList(sources).contains("core-default.xml");
  }

  /** Hadoop's configuration with the settings that were chosen. */
  public Configuration hadoop() {
    return hadoop;
  }

  /**
   * Gives executors the driver's settings of the connector, for which they have neither the
   * driver's environment nor its core-site.xml.
   */
  public void complete(SparkConf conf) {
    if (folders.isEmpty()) {
      return;
    }
    for (Map.Entry<String, String> setting : hadoop) {
      String key = setting.getKey();
      if (key.startsWith(KEYS) && isSet(key)) {
        conf.setIfMissing(OF_HADOOP + key, hadoop.get(key));
      }
    }
  }

  /**
   * Looks at each folder, which need not exist.
   *
   * @param timeout {@code cluster.startTimeoutSeconds}
   * @throws CommandException when a store does not answer, refuses, or lacks the bucket
   * @throws WaitTimeoutException when that takes too long
   */
  public void requireAnswers(BlockingCalls calls, Duration timeout, Consumer<String> printer) {
    if (!chosen.isEmpty()) {
      printer.accept(
          "object store settings, where none were given (spark.hadoop.fs.s3a.* gives others): "
              + chosen.entrySet().stream()
                  .map(Map.Entry::toString)
                  .collect(Collectors.joining(", ")));
    }
    for (Path folder : folders) {
      calls.run(
          "the object store to answer: " + place(folder),
          BlockingCalls.Deadline.interrupting(timeout, ClusterConfiguration.START_TIMEOUT),
          () -> {
            look(folder);
            return folder;
          });
    }
  }

  private void look(Path folder) {
    Configuration patience = new Configuration(hadoop);
    FIRST_ANSWER.forEach(patience::set);
    try (FileSystem files = FileSystem.newInstance(folder.toUri(), patience)) {
      files.listStatusIterator(folder).hasNext();
    } catch (IOException e) {
      if (!(e instanceof FileNotFoundException) || says(e, "NoSuchBucket")) {
        throw new CommandException(problem(folder, e), e);
      }
    }
  }

  private String problem(Path folder, IOException e) {
    String what;
    String remedy;
    if (says(e, "NoSuchBucket")) {
      what = "The object store has no such bucket";
      remedy = "Create it, or name another; fs.s3a.endpoint says which store is asked";
    } else if (says(e, "NoAwsCredentials") || says(e, "NoAuthWithAWS")) {
      what = "There are no credentials for the object store";
      remedy =
          "Export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or set"
              + " spark.hadoop.fs.s3a.access.key and spark.hadoop.fs.s3a.secret.key";
    } else if (ExceptionUtils.indexOfType(e, AccessDeniedException.class) >= 0) {
      what = "The object store refuses these credentials";
      remedy =
          "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or fs.s3a.access.key and"
              + " fs.s3a.secret.key, and what this key may do with the bucket";
    } else {
      what = "The object store does not answer";
      remedy =
          "Check spark.hadoop.fs.s3a.endpoint, spark.hadoop.fs.s3a.endpoint.region and the network";
    }
    return what + ": " + place(folder) + ", reason=" + reason(e) + ". " + remedy;
  }

  private static boolean says(IOException e, String word) {
    return ExceptionUtils.getThrowableList(e).stream()
        .anyMatch(cause -> cause.toString().contains(word));
  }

  /** In the service's own words, without the numbers of the request. */
  private static String reason(IOException e) {
    String message = String.valueOf(ExceptionUtils.getRootCause(e).getMessage());
    return message.lines().findFirst().orElse("").replaceAll("\\.?\\s*(\\(Service: .*)?$", "");
  }

  private String place(Path folder) {
    String endpoint = hadoop.getTrimmed("fs.s3a.endpoint", "");
    return "path=" + folder + ", endpoint=" + (endpoint.isEmpty() ? "Amazon's" : endpoint);
  }
}
