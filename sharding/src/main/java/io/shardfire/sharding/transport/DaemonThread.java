package io.shardfire.sharding.transport;

import java.util.concurrent.ThreadFactory;

/** Named threads that do not keep the JVM alive. */
final class DaemonThread {
  private DaemonThread() {}

  static ThreadFactory named(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }
}
