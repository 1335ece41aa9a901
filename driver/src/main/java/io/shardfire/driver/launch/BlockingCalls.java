package io.shardfire.driver.launch;

import io.shardfire.driver.monitor.Figures;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Calls into Spark and Hadoop that may block for minutes without a word, such as on a full queue or
 * a NameNode that does not answer. While one runs, another thread says what it waits for, after
 * five seconds and then at growing intervals, and makes it end at its deadline. Thread-safe.
 */
public final class BlockingCalls {
  private final Consumer<String> printer;
  private final LongSupplier nanoTime;
  private final Ticks ticks;

  /**
   * What may block.
   *
   * @param <T> what it returns
   * @param <E> what it throws
   */
  @FunctionalInterface
  public interface Call<T, E extends Exception> {
    /** Blocks. */
    T run() throws E;
  }

  /** Runs a task about once a second, on a thread of its own. */
  @FunctionalInterface
  interface Ticks {
    /** Starts; what is returned ends it. */
    Runnable start(Runnable task);
  }

  /**
   * When to give up.
   *
   * @param setting that sets the timeout
   * @param end makes the call throw; run on another thread than the call, and again until the call
   *     has ended, for libraries may take an interrupt for theirs
   */
  public record Deadline(Duration timeout, String setting, Runnable end) {
    /** Ends the call by interrupting its thread, which is the one that asks for this. */
    public static Deadline interrupting(Duration timeout, String setting) {
      return new Deadline(timeout, setting, Thread.currentThread()::interrupt);
    }
  }

  /**
   * In real time.
   *
   * @param printer of what is waited for; called on another thread than the call
   */
  public BlockingCalls(Consumer<String> printer) {
    this(printer, System::nanoTime, BlockingCalls::everySecond);
  }

  /**
   * @param nanoTime a clock that only runs forward
   */
  BlockingCalls(Consumer<String> printer, LongSupplier nanoTime, Ticks ticks) {
    this.printer = printer;
    this.nanoTime = nanoTime;
    this.ticks = ticks;
  }

  /** Prints what begins, for a call that is known to take seconds. */
  public void announce(String what) {
    printer.accept(what);
  }

  /**
   * Makes a call that ends by itself, as those of Hadoop's clients do after their own retries.
   *
   * @param what is waited for, and where to look for the reason
   */
  public <T, E extends Exception> T run(String what, Call<T, E> call) throws E {
    return run(() -> what, call);
  }

  /**
   * As above, where what is waited for changes; each is waited for anew. The supplier is asked on
   * another thread than the call.
   */
  public <T, E extends Exception> T run(Supplier<String> what, Call<T, E> call) throws E {
    return run(what, Optional.empty(), call);
  }

  /**
   * Makes a call, for so long and no longer.
   *
   * @param what is waited for, and where to look for the reason
   * @throws WaitTimeoutException when the call has failed after its deadline; that it took longer
   *     and succeeded is no error
   */
  public <T, E extends Exception> T run(String what, Deadline deadline, Call<T, E> call) throws E {
    return run(() -> what, Optional.of(deadline), call);
  }

  private <T, E extends Exception> T run(
      Supplier<String> what, Optional<Deadline> deadline, Call<T, E> call) throws E {
    Watch watch = new Watch(what, deadline, printer, nanoTime);
    Runnable stop = ticks.start(watch::tick);
    try {
      return call.run();
    } catch (Exception e) {
      if (watch.end()) {
        throw new WaitTimeoutException(watch.gaveUp(), e);
      }
      throw e;
    } finally {
      if (watch.end()) {
        // The interrupt, where it came too late to be noticed, is not meant for what follows.
        Thread.interrupted();
      }
      stop.run();
    }
  }

  private static Runnable everySecond(Runnable task) {
    ScheduledExecutorService thread =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread daemon = new Thread(work, "blocking-call");
              daemon.setDaemon(true);
              return daemon;
            });
    Future<?> ticking = thread.scheduleWithFixedDelay(task, 1, 1, TimeUnit.SECONDS);
    return () -> {
      ticking.cancel(false);
      thread.shutdown();
    };
  }

  /** One call under way. Thread-safe. */
  private static final class Watch {
    private final Supplier<String> what;
    private final Optional<Deadline> deadline;
    private final Consumer<String> printer;
    private final LongSupplier nanoTime;
    private final long start;
    private WaitNotice notice;
    private String awaited;
    private long awaitedSince;
    private boolean ended;
    private boolean late;

    Watch(
        Supplier<String> what,
        Optional<Deadline> deadline,
        Consumer<String> printer,
        LongSupplier nanoTime) {
      this.what = what;
      this.deadline = deadline;
      this.printer = printer;
      this.nanoTime = nanoTime;
      this.start = nanoTime.getAsLong();
      await(what.get(), start);
    }

    private void await(String next, long since) {
      awaited = next;
      awaitedSince = since;
      notice = new WaitNotice(printer);
    }

    synchronized void tick() {
      if (ended) {
        return;
      }
      long now = nanoTime.getAsLong();
      if (deadline.isPresent() && now - start >= deadline.get().timeout().toNanos()) {
        late = true;
        deadline.get().end().run();
        return;
      }
      String next = what.get();
      if (!next.equals(awaited)) {
        await(next, now);
      }
      Duration waited = Duration.ofNanos(now - awaitedSince);
      notice.after(waited, () -> text(waited));
    }

    private String text(Duration waited) {
      return "waiting for "
          + awaited
          + ": "
          + Figures.duration(waited)
          + " so far"
          + deadline
              .map(end -> "; " + WaitNotice.givingUp(waited, end.timeout(), end.setting()))
              .orElse("");
    }

    /** Notes that the call has ended, and tells whether the deadline had passed before. */
    synchronized boolean end() {
      ended = true;
      return late;
    }

    synchronized String gaveUp() {
      Deadline passed = deadline.orElseThrow();
      return "Gave up after "
          + Figures.duration(passed.timeout())
          + " ("
          + passed.setting()
          + "="
          + passed.timeout().toSeconds()
          + ") waiting for "
          + awaited;
    }
  }
}
