package io.shardfire.kernels.device;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** The one lock around every native call: Aparapi's native code is not thread-safe. */
final class NativeLock {
  private static final ReentrantLock LOCK = new ReentrantLock();

  private NativeLock() {}

  static void run(Runnable action) {
    LOCK.lock();
    try {
      action.run();
    } finally {
      LOCK.unlock();
    }
  }

  static <T> T call(Supplier<T> action) {
    LOCK.lock();
    try {
      return action.get();
    } finally {
      LOCK.unlock();
    }
  }
}
