package io.shardfire.sharding.collective;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** One rank's view of an {@link InProcessGroup}. */
final class InProcessCommunicator implements Communicator {
  private final InProcessGroup group;
  private final int rank;
  private final int worldSize;
  private final AtomicLong waited = new AtomicLong();
  private final List<Runnable> whenLeft = new ArrayList<>();
  private boolean left;

  InProcessCommunicator(InProcessGroup group, int rank) {
    this.group = group;
    this.rank = rank;
    this.worldSize = group.worldSize();
  }

  /** What one rank hands over: floats to read and floats to write. */
  private record Ranges(FloatRange source, FloatRange target, int root, ElementType type) {
    Ranges(FloatRange source, FloatRange target, int root) {
      this(source, target, root, ElementType.FP32);
    }

    /** What the other ranks see of the source, which stays as it is. */
    Ranges sent() {
      if (type == ElementType.FP32) {
        return this;
      }
      FloatRange rounded = new FloatRange(new float[source.length()], 0, source.length());
      Bf16.round(source, rounded);
      return new Ranges(rounded, target, root, type);
    }
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int worldSize() {
    return worldSize;
  }

  @Override
  public Pending reduceScatter(
      CollectiveKey key, FloatRange source, FloatRange shard, ElementType contributions) {
    CollectiveArguments.checkReduceScatter(key, rank, worldSize, source, shard);
    return issue(
        "reduceScatter", key, new Ranges(source, shard, 0, contributions), this::reduceScatter);
  }

  @Override
  public Pending allGather(CollectiveKey key, FloatRange shard, FloatRange all) {
    CollectiveArguments.checkAllGather(key, rank, worldSize, shard, all);
    return issue("allGather", key, new Ranges(shard, all, 0), this::allGather);
  }

  @Override
  public Pending allReduce(CollectiveKey key, FloatRange data, ElementType contributions) {
    CollectiveArguments.checkAllReduce(key, rank, worldSize, data);
    return issue("allReduce", key, new Ranges(data, data, 0, contributions), this::allReduce);
  }

  @Override
  public Pending broadcast(CollectiveKey key, FloatRange data, int root) {
    CollectiveArguments.checkBroadcast(key, rank, worldSize, data, root);
    return issue("broadcast", key, new Ranges(data, data, root), this::broadcast);
  }

  @Override
  public byte[][] allGatherBytes(CollectiveKey key, byte[] mine) {
    Meeting meeting = group.arrive(rank, key, "allGatherBytes", mine.clone(), arguments -> {});
    await(meeting);
    byte[][] all = new byte[worldSize][];
    for (int r = 0; r < worldSize; r++) {
      all[r] = ((byte[]) meeting.argument(r)).clone();
    }
    return all;
  }

  @Override
  public long waitNanos() {
    return waited.get();
  }

  @Override
  public synchronized void whenLeft(Runnable action) {
    if (left) {
      action.run();
    } else {
      whenLeft.add(action);
    }
  }

  @Override
  public synchronized void close() {
    group.leave(rank);
    left = true;
    whenLeft.forEach(Runnable::run);
    whenLeft.clear();
  }

  private interface RangesOperation {
    void run(Ranges[] ranges);
  }

  private Pending issue(
      String name, CollectiveKey key, Ranges arguments, RangesOperation operation) {
    Meeting meeting =
        group.arrive(
            rank,
            key,
            name,
            arguments,
            all -> {
              Ranges[] ranges = all.toArray(Ranges[]::new);
              checkAlike(ranges);
              for (int r = 0; r < ranges.length; r++) {
                ranges[r] = ranges[r].sent();
              }
              operation.run(ranges);
            });
    return () -> await(meeting);
  }

  private void await(Meeting meeting) {
    long start = System.nanoTime();
    try {
      meeting.await(rank, group.timeout(), group);
    } finally {
      if (!meeting.key().phase().inBackground()) {
        waited.addAndGet(System.nanoTime() - start);
      }
    }
  }

  private static void checkAlike(Ranges[] ranges) {
    for (int r = 1; r < ranges.length; r++) {
      int first = ranges[0].source().length();
      int length = ranges[r].source().length();
      if (length != first || ranges[r].root() != ranges[0].root()) {
        throw new CollectiveException(
            ("The ranks do not issue the same collective: rank 0 has length=%d, root=%d; rank %d"
                    + " has length=%d, root=%d")
                .formatted(first, ranges[0].root(), r, length, ranges[r].root()));
      }
      if (ranges[r].type() != ranges[0].type()) {
        throw new CollectiveException(
            "The ranks do not issue the same collective: rank 0 sends elementType=%s, rank %d"
                    .formatted(ranges[0].type(), r)
                + " sends elementType=%s".formatted(ranges[r].type()));
      }
    }
  }

  private void reduceScatter(Ranges[] ranges) {
    float[][] sources = new float[worldSize][];
    int[] offsets = new int[worldSize];
    int length = ranges[0].target().length();
    for (int owner = 0; owner < worldSize; owner++) {
      for (int r = 0; r < worldSize; r++) {
        FloatRange part = CollectiveArguments.part(ranges[r].source(), owner, worldSize);
        sources[r] = part.array();
        offsets[r] = part.offset();
      }
      FloatRange target = ranges[owner].target();
      TreeSum.sum(sources, offsets, length, target.array(), target.offset());
    }
  }

  private void allGather(Ranges[] ranges) {
    for (Ranges to : ranges) {
      for (int r = 0; r < worldSize; r++) {
        copy(ranges[r].source(), CollectiveArguments.part(to.target(), r, worldSize));
      }
    }
  }

  private void allReduce(Ranges[] ranges) {
    float[][] sources = new float[worldSize][];
    int[] offsets = new int[worldSize];
    for (int r = 0; r < worldSize; r++) {
      sources[r] = ranges[r].source().array();
      offsets[r] = ranges[r].source().offset();
    }
    FloatRange first = ranges[0].target();
    TreeSum.sum(sources, offsets, first.length(), first.array(), first.offset());
    for (int r = 1; r < worldSize; r++) {
      copy(first, ranges[r].target());
    }
  }

  private void broadcast(Ranges[] ranges) {
    FloatRange data = ranges[ranges[0].root()].source();
    for (Ranges to : ranges) {
      copy(data, to.target());
    }
  }

  private static void copy(FloatRange from, FloatRange to) {
    if (!from.equals(to)) {
      System.arraycopy(from.array(), from.offset(), to.array(), to.offset(), from.length());
    }
  }
}
