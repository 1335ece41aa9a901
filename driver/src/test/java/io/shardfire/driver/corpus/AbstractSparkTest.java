package io.shardfire.driver.corpus;

import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** One Spark session of two threads for all tests of a class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class AbstractSparkTest {
  private SparkSession session;

  @BeforeAll
  void startSpark() {
    session =
        SparkSession.builder()
            .master("local[2]")
            .appName(getClass().getSimpleName())
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            // A few rows are faster without many tasks and without compiled queries.
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.codegen.wholeStage", "false")
            .getOrCreate();
  }

  @AfterAll
  void stopSpark() {
    session.stop();
  }

  /** The running session. */
  protected SparkSession session() {
    return session;
  }
}
