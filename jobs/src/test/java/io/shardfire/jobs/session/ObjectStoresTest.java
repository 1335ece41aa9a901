package io.shardfire.jobs.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.driver.launch.BlockingCalls;
import io.shardfire.jobs.command.CommandException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ObjectStoresTest {
  private static final String BUCKET = "s3a://bucket/corpus";

  private final List<String> printed = new ArrayList<>();
  private final Configuration hadoop = new Configuration();

  @BeforeEach
  void useAStoreOfOurOwn() {
    hadoop.set("fs.s3a.impl", Store.class.getName());
    hadoop.set("fs.s3a.endpoint", "http://store:9000");
    Store.failure = () -> new FileNotFoundException("no such key");
  }

  @Test
  void shouldLeaveJobsAloneThatUseNone() {
    Store.failure = () -> new IOException("asked");
    ObjectStores stores =
        ObjectStores.of(hadoop, List.of("file:///data", "runs/first", "not:a path", ""));
    SparkConf conf = new SparkConf(false);

    ask(stores);
    stores.complete(conf);

    assertEquals(List.of(), printed);
    assertEquals(0, conf.getAll().length);
  }

  @Test
  void shouldGiveExecutorsTheSettingsOfTheDriver() {
    hadoop.set("fs.s3a.retry.limit", "9");
    hadoop.set("fs.s3a.secret.key", "from-the-environment");
    ObjectStores stores = ObjectStores.of(hadoop, List.of(BUCKET));
    SparkConf conf = new SparkConf(false).set("spark.hadoop.fs.s3a.endpoint", "http://asked:1");

    ask(stores);
    stores.complete(conf);

    assertEquals("9", conf.get("spark.hadoop.fs.s3a.retry.limit"));
    assertEquals("20000", conf.get("spark.hadoop.fs.s3a.connection.timeout"));
    assertEquals("from-the-environment", conf.get("spark.hadoop.fs.s3a.secret.key"));
    assertEquals("http://asked:1", conf.get("spark.hadoop.fs.s3a.endpoint"));
    assertFalse(conf.contains("spark.hadoop.fs.s3a.threads.max"), "Hadoop's own default");
    assertEquals("20000", stores.hadoop().get("fs.s3a.connection.timeout"));
    assertEquals(1, printed.size());
    assertTrue(printed.get(0).contains("fs.s3a.connection.timeout=20000"), printed.get(0));
    assertFalse(printed.get(0).contains("retry.limit"), printed.get(0));
    assertFalse(printed.get(0).contains("from-the-environment"));
  }

  @Test
  void shouldFindTheStoreOfPathsWithoutAScheme() {
    hadoop.set("fs.defaultFS", "s3a://bucket");
    Store.failure = () -> new AccessDeniedException("/corpus");

    assertTrue(refusal("/corpus").startsWith("The object store refuses these credentials"));
  }

  @Test
  void shouldSayWhatIsWrongWithTheStore() {
    Map<IOException, String> problems =
        Map.of(
            refused("The signature does not match. (Service: S3, Status Code: 403, Request ID: 5)"),
            "The object store refuses these credentials: path=s3a://bucket/corpus,"
                + " endpoint=http://store:9000, reason=The signature does not match. Check AWS_ACC",
            new FileNotFoundException("NoSuchBucket: The bucket does not exist"),
            "The object store has no such bucket: path=s3a://bucket/corpus,",
            refused("NoAwsCredentialsException: none"),
            "There are no credentials for the object store: path=s3a://bucket/corpus,",
            new IOException("wrapped", new ConnectException("Connection refused")),
            "The object store does not answer: path=s3a://bucket/corpus,"
                + " endpoint=http://store:9000, reason=Connection refused. Check");
    problems.forEach(
        (failure, message) -> {
          Store.failure = () -> failure;
          String said = refusal(BUCKET);
          assertTrue(said.startsWith(message), said);
        });
  }

  private static IOException refused(String reason) {
    AccessDeniedException refusal = new AccessDeniedException("s3a://bucket/corpus");
    refusal.initCause(new IllegalStateException(reason));
    return refusal;
  }

  private String refusal(String path) {
    ObjectStores stores = ObjectStores.of(hadoop, List.of(path));
    return assertThrows(CommandException.class, () -> ask(stores)).getMessage();
  }

  private void ask(ObjectStores stores) {
    stores.requireAnswers(new BlockingCalls(text -> {}), Duration.ofMinutes(5), printed::add);
  }

  /** A store that fails as it is told. */
  public static final class Store extends RawLocalFileSystem {
    private static Supplier<IOException> failure;

    @Override
    public RemoteIterator<FileStatus> listStatusIterator(Path path) throws IOException {
      throw failure.get();
    }
  }
}
