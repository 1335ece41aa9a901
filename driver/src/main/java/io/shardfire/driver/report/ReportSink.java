package io.shardfire.driver.report;

/** Carries reports to the driver. Used by one thread. */
public interface ReportSink extends AutoCloseable {
  /** Sends and waits until the driver has the report. */
  void send(RankReport report);

  @Override
  void close();
}
