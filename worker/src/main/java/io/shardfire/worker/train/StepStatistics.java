package io.shardfire.worker.train;

import io.shardfire.kernels.device.CommandBuffer;
import io.shardfire.kernels.device.CommandRecorder;
import io.shardfire.kernels.device.Span;
import io.shardfire.kernels.ops.SquareSum;
import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.Communicator;
import io.shardfire.sharding.collective.Phase;
import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.UnitRange;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The loss and the gradient norm of a step, the same bits on every rank and for every world size:
 * ranks exchange the losses of their logical shards and the square sums of their gradient blocks,
 * and each adds all of them up in one order. They also tell each other whether to stop, so that all
 * of them stop after the same step.
 *
 * <pre>
 * message: int32 1 to stop, else 0
 *          double loss[V/N]
 *          double squareSum[blocks], blocks unit by unit (big-endian)
 * </pre>
 *
 * The message of a large model goes in parts, because messages between ranks are small.
 */
final class StepStatistics {
  private static final int PART_BYTES = 8 << 20;

  private final Communicator communicator;
  private final BatchShape batch;
  private final CommandBuffer squareSums;
  private final Span sums;
  private final int[] unitBlocks;
  private final byte[] message;
  private final ByteBuffer mine;
  private double loss;
  private double gradientNorm;
  private boolean stops;

  private StepStatistics(
      Communicator communicator,
      RankMemoryLayout layout,
      RankMemory memory,
      CommandBuffer squareSums) {
    this.communicator = communicator;
    this.batch = layout.batch();
    this.squareSums = squareSums;
    this.sums = layout.recorder(memory).span(layout.blockSums());
    this.unitBlocks = new int[layout.layout().units().size()];
    for (int unit = 0; unit < unitBlocks.length; unit++) {
      unitBlocks[unit] = layout.layout().shard(unit, 0).length() / ShardLayout.BLOCK;
    }
    int doubles = batch.shardsPerRank() + RankMemoryLayout.blocksPerRank(layout.layout());
    this.message =
        new byte[Math.addExact(Integer.BYTES, Math.multiplyExact(Double.BYTES, doubles))];
    this.mine = ByteBuffer.wrap(message);
  }

  static StepStatistics record(
      Communicator communicator, RankMemoryLayout memoryLayout, RankMemory memory) {
    ShardLayout layout = memoryLayout.layout();
    CommandRecorder recorder = memory.device().record("gradient square sums");
    Span sums = memoryLayout.recorder(memory).span(memoryLayout.blockSums());
    int from = 0;
    for (int unit = 0; unit < layout.units().size(); unit++) {
      UnitRange shard = layout.shard(unit, communicator.rank());
      int floats = 2 * shard.length() / SquareSum.BLOCK;
      SquareSum.record(recorder, memory.gradients().of(shard), sums.slice(from, floats));
      from += floats;
    }
    return new StepStatistics(communicator, memoryLayout, memory, recorder.finish());
  }

  /**
   * Computes both from summed gradients.
   *
   * @param stop whether this rank wants all of them to stop after this step
   * @param shardLosses sum of row losses of each local logical shard
   * @param lossScale that the gradients are to be divided by
   */
  void exchange(long step, boolean stop, double[] shardLosses, double lossScale) {
    squareSums.run();
    sums.download();
    float[] array = sums.arena().array();
    mine.clear();
    mine.putInt(stop ? 1 : 0);
    for (double shardLoss : shardLosses) {
      mine.putDouble(shardLoss);
    }
    for (int at = sums.offset(); mine.hasRemaining(); at += 2) {
      mine.putDouble((double) array[at] + array[at + 1]);
    }
    if (communicator.worldSize() == 1) {
      combine(new byte[][] {message});
    } else {
      combine(gather(communicator, step, message, PART_BYTES));
    }
    gradientNorm /= lossScale;
  }

  /** Every rank's message, in rank order; as whole as the ranks agree on its parts. */
  static byte[][] gather(Communicator communicator, long step, byte[] message, int partBytes) {
    byte[][] parts =
        communicator.allGatherBytes(
            new CollectiveKey(step, Phase.NORM, 0),
            message.length <= partBytes ? message : Arrays.copyOf(message, partBytes));
    byte[][] gathered = parts;
    for (int from = partBytes, part = 1; from < message.length; from += partBytes, part++) {
      int to = Math.min(message.length, from + partBytes);
      parts =
          communicator.allGatherBytes(
              new CollectiveKey(step, Phase.NORM, part), Arrays.copyOfRange(message, from, to));
      for (int rank = 0; rank < parts.length; rank++) {
        int length = gathered[rank].length;
        gathered[rank] = Arrays.copyOf(gathered[rank], length + parts[rank].length);
        System.arraycopy(parts[rank], 0, gathered[rank], length, parts[rank].length);
      }
    }
    return gathered;
  }

  private void combine(byte[][] messages) {
    ByteBuffer[] ranks = new ByteBuffer[messages.length];
    double lossSum = 0;
    stops = false;
    for (int rank = 0; rank < ranks.length; rank++) {
      if (messages[rank].length != message.length) {
        throw new TrainingException(
            "Ranks disagree about the size of the model or the batch; start all of them with one"
                + " configuration: rank="
                + rank
                + ", bytes="
                + messages[rank].length
                + ", expected="
                + message.length);
      }
      ranks[rank] = ByteBuffer.wrap(messages[rank]);
      stops |= ranks[rank].getInt() != 0;
      for (int shard = 0; shard < batch.shardsPerRank(); shard++) {
        lossSum += ranks[rank].getDouble();
      }
    }
    // Blocks in the order of the flat array. Blocks of padding, whose number depends on the world
    // size, add zero and so change nothing.
    double squares = 0;
    for (int blocks : unitBlocks) {
      for (ByteBuffer rank : ranks) {
        for (int block = 0; block < blocks; block++) {
          squares += rank.getDouble();
        }
      }
    }
    loss = lossSum / batch.tokensPerStep();
    gradientNorm = Math.sqrt(squares);
  }

  /** Mean loss over the tokens of the global batch. */
  double loss() {
    return loss;
  }

  /** Square root of the sum of squares of the whole gradient, without the loss scale. */
  double gradientNorm() {
    return gradientNorm;
  }

  /** Whether a rank wanted all of them to stop after this step. */
  boolean stops() {
    return stops;
  }

  boolean finite() {
    return Double.isFinite(loss) && Double.isFinite(gradientNorm);
  }
}
