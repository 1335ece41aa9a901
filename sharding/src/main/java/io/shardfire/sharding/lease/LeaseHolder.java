package io.shardfire.sharding.lease;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * The process that holds a lease, for people to find and for others to see whether it lives.
 *
 * @param machine where process ids mean the same; empty where that is not known
 * @param started of the process, as {@link ProcessTable} tells it; 0 where that is not known
 * @param application of Spark; empty where there is none
 * @param attempt of the application; empty where the cluster manager counts none
 */
public record LeaseHolder(
    String user,
    String host,
    String machine,
    long process,
    long started,
    String application,
    String attempt) {

  /** This process. */
  public static LeaseHolder self(ProcessTable processes, String application, String attempt) {
    long process = ProcessHandle.current().pid();
    return new LeaseHolder(
        System.getProperty("user.name", "unknown"),
        localHost(),
        processes.machine(),
        process,
        processes.started(process).orElse(0),
        application,
        attempt);
  }

  private static String localHost() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }

  /** {@code user@host, process=12, application=local-1}. */
  @Override
  public String toString() {
    String where = user + "@" + host + ", process=" + process;
    if (application.isEmpty()) {
      return where;
    }
    String which = where + ", application=" + application;
    return attempt.isEmpty() ? which : which + ", attempt=" + attempt;
  }
}
