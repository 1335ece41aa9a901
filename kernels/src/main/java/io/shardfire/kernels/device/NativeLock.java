package io.shardfire.kernels.device;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** The one lock around every native call: Aparapi's native code is not thread-safe. */
final class NativeLock {
  private static final ReentrantLock LOCK = new ReentrantLock();

  private NativeLock() {}

  /** Takes the lock; release it in a finally block. Used where nothing may be allocated. */
  static void acquire() {
    LOCK.lock();
  }

  static void release() {
    LOCK.unlock();
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
