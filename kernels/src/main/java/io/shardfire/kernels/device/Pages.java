package io.shardfire.kernels.device;

import java.util.List;

/**
 * The arenas that hold a role's blocks.
 *
 * @param size by which the blocks were placed
 * @param arenas one per page
 */
public record Pages(PageSize size, List<Arena> arenas) {
  /** Copies. */
  public Pages {
    arenas = List.copyOf(arenas);
  }

  /** A block, or a part of one. */
  public Span span(long address, int length) {
    return arenas.get(size.page(address)).span(size.offset(address), length);
  }
}
