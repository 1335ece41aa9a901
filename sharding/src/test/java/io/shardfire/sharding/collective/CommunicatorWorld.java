package io.shardfire.sharding.collective;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Every rank of one group, each with a thread of its own. */
public interface CommunicatorWorld extends AutoCloseable {
  /** What one rank does. */
  interface Body {
    /** Runs on the rank's thread. */
    void run(Communicator communicator) throws Exception;
  }

  /** In rank order. */
  List<Communicator> communicators();

  /** Runs a body on every rank at once and returns what each threw, null where nothing. */
  default List<Throwable> failuresOf(Body body) throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(communicators().size());
    try {
      List<Future<?>> futures = new ArrayList<>();
      for (Communicator communicator : communicators()) {
        futures.add(
            threads.submit(
                () -> {
                  body.run(communicator);
                  return null;
                }));
      }
      List<Throwable> failures = new ArrayList<>();
      for (Future<?> future : futures) {
        try {
          future.get();
          failures.add(null);
        } catch (ExecutionException e) {
          failures.add(e.getCause());
        }
      }
      return failures;
    } finally {
      threads.shutdownNow();
    }
  }

  /** Runs a body on every rank at once; the first failure is the test's. */
  default void onEveryRank(Body body) throws InterruptedException {
    for (Throwable failure : failuresOf(body)) {
      if (failure != null) {
        throw new AssertionError("A rank failed: " + failure.getMessage(), failure);
      }
    }
  }

  @Override
  void close();
}
