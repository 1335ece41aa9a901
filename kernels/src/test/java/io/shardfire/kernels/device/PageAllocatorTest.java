package io.shardfire.kernels.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class PageAllocatorTest {
  private final PageSize size = new PageSize(110);

  private static String refusal(Runnable action) {
    return assertThrows(ComputeException.class, action::run).getMessage();
  }

  @Test
  void shouldNeverDivideABlock() {
    assertEquals(96, size.capacity(), "98 behind the first offset, down to the alignment");
    PageAllocator allocator = new PageAllocator(size);
    assertEquals(0, allocator.allocate("a", 33));
    assertEquals(48, allocator.allocate("b", 48));
    assertEquals(96, allocator.allocate("c", 50));
    assertEquals(192, allocator.allocate("d", 40), "32 were left, but the page has to hold 40");
    assertEquals(240, allocator.allocate("e", 1));
    assertEquals(List.of(108, 62, 61), allocator.plan().floats());
    assertEquals(231, allocator.plan().total());
  }

  @Test
  void shouldAlignEveryBlock() {
    PageAllocator allocator = new PageAllocator(size);
    for (int i = 0; i < 40; i++) {
      int length = i * 37 % 97;
      long address = allocator.allocate("block", length);
      assertEquals(12, size.offset(address) % 16);
      assertEquals(size.page(address), size.page(address + Math.max(0, length - 1)));
    }
  }

  @Test
  void shouldLayOutAsOneArenaWhatFitsInOne() {
    PageAllocator allocator = new PageAllocator(PageSize.configured());
    OffsetAllocator offsets = new OffsetAllocator();
    for (int length : new int[] {1, 1024, 16, 0, 77}) {
      long address = allocator.allocate("block", length);
      assertEquals(0, PageSize.configured().page(address));
      assertEquals(offsets.allocate("block", length), PageSize.configured().offset(address));
    }
  }

  @Test
  void shouldCountBeyondThirtyTwoBits() {
    PageSize largest = PageSize.configured();
    PageAllocator allocator = new PageAllocator(largest);
    for (int i = 0; i < 20; i++) {
      assertEquals(i, largest.page(allocator.allocate("block", 500_000_000)));
    }
    assertEquals(20, allocator.plan().floats().size());
    assertEquals(20 * 500_000_012L, allocator.plan().total());
  }

  @Test
  void shouldRefuseABlockThatNoPageHolds() {
    assertEquals(
        "What one operation works on lies in one arena; reduce the batch, the context or the width"
            + " of the model: block=logits, floats=97, limit=96",
        refusal(() -> new PageAllocator(size).allocate("logits", 97)));
    assertEquals(
        "A page holds between 28 and 536869935 floats: shardfire.kernels.pageFloats=27",
        refusal(() -> new PageSize(27)));
    assertEquals(
        "A page holds between 28 and 536869935 floats: shardfire.kernels.pageFloats=536869936",
        refusal(() -> new PageSize(536_869_936)));
  }
}
