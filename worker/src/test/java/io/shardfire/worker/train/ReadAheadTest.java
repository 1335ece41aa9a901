package io.shardfire.worker.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;
import io.shardfire.worker.objective.HostBatch;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
  /** Two ranks, two shards each, of three passes. */
  private static final BatchShape SHAPE = new BatchShape(2, 4, 3, 2, 5);

  private static final int PER_STEP = 6;
  private static final BatchForm EVERY_FIELD = new BatchForm(2, 5, 3, true, true, true, true);

  private final BatchSpans batch = HostBatch.of(EVERY_FIELD);

  private static ReadAhead readAhead(BatchSource source) {
    return new ReadAhead(
        source, EVERY_FIELD, SHAPE, 1, ComputeContext.open(ComputeDevice.select("cpu")));
  }

  private static float content(long completedSteps, int shard, int pass) {
    return completedSteps * 100L + shard * 10L + pass;
  }

  private static void fill(long completedSteps, int shard, int pass, BatchSpans batch) {
    float content = content(completedSteps, shard, pass);
    batch.ids().fill(0, batch.ids().length(), content);
    batch.targets().fill(0, batch.targets().length(), content + 0.25f);
    batch.weights().fill(0, batch.weights().length(), content + 0.5f);
    batch.crossVisible().end().fill(0, batch.crossVisible().end().length(), content + 0.75f);
    batch.labels().fill(0, batch.labels().length(), -content);
  }

  @Test
  void shouldGiveWhatTheSourceGivesFromAnyStepOn() {
    try (ReadAhead batches = readAhead(ReadAheadTest::fill)) {
      for (long step = 1000; step < 1005; step++) {
        for (int shard = 2; shard < 4; shard++) {
          for (int pass = 0; pass < 3; pass++) {
            batches.load(step, shard, pass, batch);
            float content = content(step, shard, pass);
            assertEquals(content, batch.ids().get(0));
            assertEquals(content + 0.25f, batch.targets().get(9));
            assertEquals(content + 0.5f, batch.weights().get(9));
            assertEquals(content + 0.75f, batch.crossVisible().end().get(9));
            assertEquals(-content, batch.labels().get(1));
          }
        }
      }
      assertTrue(batches.waitNanos() > 0);
    }
  }

  @Test
  void shouldReadAheadSoFarAndNoFarther() throws InterruptedException {
    AtomicInteger read = new AtomicInteger();
    CountDownLatch ahead = new CountDownLatch(1 + ReadAhead.DEPTH);
    AtomicInteger taken = new AtomicInteger();
    AtomicInteger farthest = new AtomicInteger();
    BatchSource source =
        (step, shard, pass, target) -> {
          farthest.accumulateAndGet(read.incrementAndGet() - taken.get(), Math::max);
          ahead.countDown();
        };
    try (ReadAhead batches = readAhead(source)) {
      batches.load(0, 2, 0, batch);
      taken.incrementAndGet();
      assertTrue(ahead.await(1, TimeUnit.MINUTES), "read=" + read);
      for (int next = 1; next < 5 * PER_STEP; next++) {
        batches.load(next / PER_STEP, 2 + next % PER_STEP / 3, next % 3, batch);
        taken.incrementAndGet();
      }
    }
    // The one under way has given its place back before the test counts it as taken.
    assertTrue(farthest.get() <= ReadAhead.DEPTH + 1, "farthest=" + farthest);
  }

  @Test
  void shouldFailWhereTheMicroBatchIsNeededThatCannotBeRead() {
    DataException failure = new DataException("the data node is gone");
    BatchSource source =
        (step, shard, pass, target) -> {
          if (pass == 2) {
            throw failure;
          }
        };
    try (ReadAhead batches = readAhead(source)) {
      batches.load(0, 2, 0, batch);
      batches.load(0, 2, 1, batch);
      assertSame(failure, assertThrows(DataException.class, () -> batches.load(0, 2, 2, batch)));
      assertSame(failure, assertThrows(DataException.class, () -> batches.load(0, 2, 2, batch)));
    }
  }

  @Test
  void shouldRefuseAnotherOrder() {
    try (ReadAhead batches = readAhead(ReadAheadTest::fill)) {
      batches.load(7, 2, 0, batch);
      IllegalStateException e =
          assertThrows(IllegalStateException.class, () -> batches.load(8, 2, 0, batch));
      assertEquals(
          "Micro-batches are taken in their order only: completedSteps=8, shard=2, pass=0,"
              + " next=7/2/1",
          e.getMessage());
    }
  }

  @Test
  void shouldEndAReadThatWaits() throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch waiting = new CountDownLatch(1);
    AtomicReference<Thread> reader = new AtomicReference<>();
    BatchSource source =
        (step, shard, pass, target) -> {
          if (pass == 1) {
            reader.set(Thread.currentThread());
            waiting.countDown();
            try {
              never.await();
            } catch (InterruptedException e) {
              throw new DataException("interrupted", e);
            }
          }
        };
    try (ReadAhead batches = readAhead(source)) {
      batches.load(0, 2, 0, batch);
      assertTrue(waiting.await(1, TimeUnit.MINUTES));
    }
    assertFalse(reader.get().isAlive());
  }

  @Test
  void shouldPlanTheMemoryItTakes() {
    AtomicInteger floats = new AtomicInteger();
    BatchForm plain = BatchForm.plain(3, 7);
    for (BatchForm form : new BatchForm[] {EVERY_FIELD, plain}) {
      floats.set(0);
      BatchSpans.of(
          form,
          length -> {
            floats.addAndGet(length);
            return batch.ids().slice(0, 0);
          });
      assertEquals(floats.get(), BatchSpans.floats(form));
      assertEquals(4L * ReadAhead.DEPTH * floats.get(), ReadAhead.bytes(form));
    }
  }
}
