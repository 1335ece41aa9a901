package io.shardfire.kernels.device;

import java.util.ArrayList;
import java.util.List;

/**
 * Places blocks one behind the other in pages that may not exist yet, so that memory can be planned
 * before it is allocated. Not thread-safe.
 */
public final class PageAllocator {
  private final PageSize size;
  private final List<Integer> pages = new ArrayList<>();
  private long next;

  /** With nothing placed. */
  public PageAllocator(PageSize size) {
    this.size = size;
  }

  /**
   * The address of a new block.
   *
   * @throws ComputeException when no page can hold it
   */
  public long allocate(String name, long floats) {
    long address = size.fit(name, next, floats);
    reserve(address, floats);
    return address;
  }

  /** Extends the pages to hold a block at an address that {@link PageSize#fit} has found. */
  public void reserve(long address, long floats) {
    int page = size.page(address);
    while (pages.size() <= page) {
      pages.add(0);
    }
    int end = Math.toIntExact(size.offset(address) + floats);
    pages.set(page, Math.max(pages.get(page), end));
    next = Math.max(next, address + PageSize.aligned(floats));
  }

  /** The first address behind all blocks. */
  public long end() {
    return next;
  }

  /** The pages that hold what has been placed so far. */
  public PagePlan plan() {
    return new PagePlan(size, pages);
  }
}
