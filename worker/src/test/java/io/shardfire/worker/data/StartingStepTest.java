package io.shardfire.worker.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.worker.nn.BatchForm;
import io.shardfire.worker.nn.BatchSpans;
import io.shardfire.worker.objective.HostBatch;
import io.shardfire.worker.objective.Objective;
import io.shardfire.worker.objective.ObjectiveKind;
import io.shardfire.worker.objective.ObjectiveSettings;
import io.shardfire.worker.objective.Packing;
import io.shardfire.worker.objective.SequenceOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run goes on at any step with what that step reads, and nothing else. */
class StartingStepTest {
  private static final int CONTEXT = 6;
  private static final int BLOCK_TOKENS = 8;
  private static final long SEQUENCES_PER_STEP = 64;

  @TempDir private Path folder;

  @Test
  void shouldReadNoMoreAtALateStepThanAtTheFirst() {
    SampleCorpus.write(folder, 101, 3000, 4000, 5000);
    // The ids and targets of a sequence reach over two blocks of a shard, or the ends of two.
    for (long step : new long[] {0, 1, 1_000_000, 1L << 40}) {
      int reads = reads(step * SEQUENCES_PER_STEP);
      assertTrue(reads >= 1 && reads <= 2, "step=" + step + ", reads=" + reads);
    }
  }

  private int reads(long sequence) {
    BatchForm form = BatchForm.plain(1, CONTEXT);
    BatchSpans batch = HostBatch.of(form);
    ObjectiveSettings settings =
        new ObjectiveSettings(ObjectiveKind.CAUSAL, Packing.STREAM, 0.15f, 3, false, false);
    try (TokenDataset data =
        TokenDataset.open(
            HeapFileSystem.configuration(),
            new org.apache.hadoop.fs.Path("heap://" + folder.toAbsolutePath()),
            BLOCK_TOKENS)) {
      HeapFileSystem.reset();
      Objective.of(settings, form, data, TokenSplit.TRAIN, new SequenceOrder.Shuffled(1))
          .write(sequence, 0, 1, batch);
      int[] ids = HostBatch.whole(batch.ids(), 0, CONTEXT);
      int[] targets = HostBatch.whole(batch.targets(), 0, CONTEXT);
      for (int i = 1; i < CONTEXT; i++) {
        assertEquals(ids[i], targets[i - 1]);
      }
      return HeapFileSystem.READS.get();
    }
  }
}
