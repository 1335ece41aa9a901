package io.shardfire.sharding.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Two drivers that take one folder at once, in every order in which the operations of their claims
 * can reach the store. A driver looks, creates its claim, lets it settle where it must, reads back,
 * and later looks again before a commit.
 */
class LeaseRaceTest {
  private static final Path RUN = new Path("/runs/one");

  /** Enough to cover the operations of one driver; what a driver does after that is not steered. */
  private static final int STEERED = 6;

  private static final ExecutorService THREADS = Executors.newFixedThreadPool(2);

  @AfterAll
  static void endThreads() {
    THREADS.shutdownNow();
  }

  /**
   * Lets operations through one at a time, in a given order of drivers; a driver that has ended, or
   * that lets its claim settle, gives way.
   */
  private static final class Turns {
    private static final int NOBODY = -1;

    private final List<Integer> order;
    private final boolean timely;
    private final Set<Integer> away = new HashSet<>();
    private final Set<Integer> betweenLookAndCreate = new HashSet<>();
    private int next;
    private int running = NOBODY;
    private String operation = "";

    /**
     * @param timely whether a claim settles only when no other driver is between its look and its
     *     create, which is what the settling time is chosen for
     */
    Turns(List<Integer> order, boolean timely) {
      this.order = order;
      this.timely = timely;
    }

    /** An operation goes on until its driver asks for the next one. */
    synchronized void before(int driver, String asked) {
      finish(driver);
      await(() -> running == NOBODY && mayGo(driver));
      if (next < order.size() && order.get(next) == driver) {
        next++;
      }
      running = driver;
      operation = asked;
      if (asked.equals("list")) {
        betweenLookAndCreate.add(driver);
      }
    }

    private boolean mayGo(int driver) {
      return next >= order.size() || order.get(next) == driver || away.contains(order.get(next));
    }

    synchronized void settle(int driver) {
      if (!timely) {
        return;
      }
      finish(driver);
      away.add(driver);
      notifyAll();
      await(() -> betweenLookAndCreate.stream().allMatch(other -> other == driver));
      away.remove(driver);
    }

    synchronized void end(int driver) {
      finish(driver);
      betweenLookAndCreate.remove(driver);
      away.add(driver);
      notifyAll();
    }

    private void finish(int driver) {
      if (running == driver) {
        if (operation.equals("create")) {
          betweenLookAndCreate.remove(driver);
        }
        running = NOBODY;
        notifyAll();
      }
    }

    private void await(BooleanSupplier condition) {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      try {
        while (!condition.getAsBoolean()) {
          TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, deadline - System.nanoTime()));
          assertTrue(System.nanoTime() < deadline, "the drivers wait for each other");
        }
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** What one driver thinks after its claim, and what it finds when it looks before a commit. */
  private record Claimed(boolean won, LeaseTicket ticket) {}

  private static Claimed claim(int driver, MemoryFileSystem.Store store, Turns turns) {
    LeaseFolder folder =
        LeaseFolder.of(
            new MemoryFileSystem(store, (operation, path) -> turns.before(driver, operation)), RUN);
    LeaseHolder holder = new LeaseHolder("ann", "host-" + driver, "", 1, 1, "", "");
    try {
      LeaseView view = LeaseView.look(folder, Submission.NONE, new ProcessTable());
      RunLease lease =
          RunLease.acquire(
              view,
              Submission.NONE,
              holder,
              () -> Instant.EPOCH,
              new ManualTimer(() -> turns.settle(driver)),
              new LeaseListener() {
                @Override
                public void onNotice(String notice) {
                  throw new IllegalStateException(notice);
                }

                @Override
                public void onLost(LeaseLostException lost) {
                  throw new IllegalStateException(lost);
                }
              });
      return new Claimed(true, lease.ticket());
    } catch (LeaseHeldException e) {
      return new Claimed(false, new LeaseTicket("", "", 0));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } finally {
      turns.end(driver);
    }
  }

  private static boolean mayCommit(MemoryFileSystem.Store store, Claimed claimed) {
    LeaseFolder folder = LeaseFolder.of(new MemoryFileSystem(store, (operation, path) -> {}), RUN);
    try {
      new LeaseFence(folder, claimed.ticket()).check();
      return claimed.won();
    } catch (LeaseLostException e) {
      return false;
    }
  }

  /** All orders of as many operations of driver 0 as of driver 1. */
  private static List<List<Integer>> orders() {
    List<List<Integer>> orders = new ArrayList<>();
    for (int bits = 0; bits < 1 << (2 * STEERED); bits++) {
      if (Integer.bitCount(bits) == STEERED) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 2 * STEERED; i++) {
          order.add(bits >> i & 1);
        }
        orders.add(order);
      }
    }
    return orders;
  }

  /** Races in every order, and returns how many drivers thought that they had the folder. */
  private static Set<Integer> race(boolean atomic, boolean timely) {
    Set<Integer> winners = new HashSet<>();
    for (List<Integer> order : orders()) {
      MemoryFileSystem.Store store = new MemoryFileSystem.Store(atomic, () -> 0);
      Turns turns = new Turns(order, timely);
      CompletableFuture<Claimed> first =
          CompletableFuture.supplyAsync(() -> claim(0, store, turns), THREADS);
      CompletableFuture<Claimed> second =
          CompletableFuture.supplyAsync(() -> claim(1, store, turns), THREADS);
      List<Claimed> claims = List.of(first.join(), second.join());
      winners.add((int) claims.stream().filter(Claimed::won).count());
      assertEquals(
          1,
          claims.stream().filter(claimed -> mayCommit(store, claimed)).count(),
          () -> "may commit, of " + claims + " in order " + order);
    }
    return winners;
  }

  @Test
  void shouldHaveOneWinnerWhereTheStoreRefusesTheSecondCreate() {
    assertEquals(Set.of(1), race(true, false));
  }

  @Test
  void shouldHaveOneWinnerElsewhereWhenCreatesFollowTheirLooksInTime() {
    assertEquals(Set.of(1), race(false, true));
  }

  /** Both may think so for a while, but one of them finds out before it commits. */
  @Test
  void shouldLetOneCommitElsewhereHoweverLateTheCreatesAre() {
    assertEquals(Set.of(1, 2), race(false, false));
  }
}
