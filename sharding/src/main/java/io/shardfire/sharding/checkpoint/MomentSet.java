package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.layout.ShardLayout;
import java.util.HashSet;
import java.util.List;

/**
 * What an optimizer keeps from step to step: arrays of one layout, which is that of the parameters
 * unless its state is smaller than they are. Immutable.
 *
 * @param layout of every array; its units may hold other tensors than the model's
 * @param names of the arrays in the files, in order: {@code exp_avg}, {@code exp_avg_sq}
 */
public record MomentSet(ShardLayout layout, List<String> names) {
  /** Checks the names and copies. */
  public MomentSet {
    names = List.copyOf(names);
    if (new HashSet<>(names).size() < names.size()
        || !names.stream().allMatch(name -> name.matches("[a-z_]+"))) {
      throw new IllegalArgumentException(
          "Moments have different names of small letters: names=" + names);
    }
  }

  /** What the arrays of {@code count} moments are checked against. */
  void requireCount(int count) {
    if (count != names.size()) {
      throw new IllegalArgumentException(
          "As many arrays are needed as there are moments: names=" + names + ", arrays=" + count);
    }
  }
}
