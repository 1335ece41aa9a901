package io.shardfire.driver.launch;

import io.shardfire.driver.report.RankReport;
import io.shardfire.driver.report.ReportCodec;
import io.shardfire.driver.report.ReportSink;
import io.shardfire.sharding.transport.ControlMessage;
import io.shardfire.sharding.transport.NetworkConfiguration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A control channel for ranks that are threads of the driver's own JVM. */
final class LocalReportChannel implements ReportChannel, AutoCloseable {
  private static final long serialVersionUID = 1L;
  private static final AtomicLong NEXT = new AtomicLong();
  private static final Map<Long, Consumer<ControlMessage>> RECEIVERS = new ConcurrentHashMap<>();

  private final long key;

  private LocalReportChannel(long key) {
    this.key = key;
  }

  static LocalReportChannel to(Consumer<ControlMessage> receiver) {
    long key = NEXT.getAndIncrement();
    RECEIVERS.put(key, receiver);
    return new LocalReportChannel(key);
  }

  @Override
  public ReportSink open(NetworkConfiguration network, int generation, int rank, Runnable stop) {
    return new ReportSink() {
      @Override
      public void send(RankReport report) {
        RECEIVERS.get(key).accept(ReportCodec.encode(generation, rank, report));
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() {
    RECEIVERS.remove(key);
  }
}
