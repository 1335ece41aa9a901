package io.shardfire.kernels.device;

import java.util.List;

/**
 * The pages of one role before they are allocated.
 *
 * @param size by which blocks were placed
 * @param floats of each page's arena
 */
public record PagePlan(PageSize size, List<Integer> floats) {
  /** Copies. */
  public PagePlan {
    floats = List.copyOf(floats);
  }

  /** Floats of all pages. */
  public long total() {
    return floats.stream().mapToLong(Integer::longValue).sum();
  }
}
