package io.shardfire.sharding.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderTest {
  private static final int LIMIT = 50;

  private final List<ByteBuf> pieces = new ArrayList<>();
  private final EmbeddedChannel channel = new EmbeddedChannel(new FrameDecoder(LIMIT));

  /** Three frames one after another, of 1, 50 and 17 bytes that count up. */
  private static byte[] stream() {
    ByteBuf stream = Unpooled.buffer();
    for (int size : new int[] {1, LIMIT, 17}) {
      stream.writeLong(Long.BYTES + size);
      stream.writeBytes(content(size));
    }
    byte[] bytes = new byte[stream.readableBytes()];
    stream.readBytes(bytes);
    return bytes;
  }

  private static byte[] content(int size) {
    byte[] content = new byte[size];
    for (int i = 0; i < size; i++) {
      content[i] = (byte) (size + i);
    }
    return content;
  }

  private void arrive(byte[] bytes, int from, int to) {
    ByteBuf piece = Unpooled.directBuffer().writeBytes(bytes, from, to - from);
    pieces.add(piece);
    channel.writeInbound(piece);
  }

  private void assertNothingIsHeld() {
    for (ByteBuf piece : pieces) {
      assertEquals(0, piece.refCnt());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 8, 9, 13, 58, 59, 1000})
  void shouldCutFramesHoweverTheyArrive(int pieceBytes) {
    byte[] stream = stream();
    for (int from = 0; from < stream.length; from += pieceBytes) {
      arrive(stream, from, Math.min(stream.length, from + pieceBytes));
    }

    for (int size : new int[] {1, LIMIT, 17}) {
      ByteBuf frame = channel.readInbound();
      byte[] bytes = new byte[frame.readableBytes()];
      frame.readBytes(bytes);
      assertArrayEquals(content(size), bytes);
      assertEquals(1, frame.nioBufferCount());
      frame.release();
    }
    assertNull(channel.readInbound());
    assertNothingIsHeld();
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 7, 8, 8 + LIMIT + 1, 1L << 32, Long.MAX_VALUE})
  void shouldCloseAtTheLengthAndKeepNothing(long length) {
    byte[] bytes = new byte[100];
    Unpooled.wrappedBuffer(bytes).setLong(0, length);
    arrive(bytes, 0, 5);
    assertTrue(channel.isOpen());

    arrive(bytes, 5, 100);

    assertFalse(channel.isOpen());
    assertNull(channel.readInbound());
    assertNothingIsHeld();
  }

  @Test
  void shouldTakeLongerFramesOnceItMay() {
    channel.pipeline().get(FrameDecoder.class).limit(60);
    byte[] bytes = new byte[68];
    Unpooled.wrappedBuffer(bytes).setLong(0, bytes.length);
    arrive(bytes, 0, 68);

    ByteBuf frame = channel.readInbound();
    assertEquals(60, frame.readableBytes());
    frame.release();
  }

  @Test
  void shouldReleaseThePiecesWhenThereIsNoMemoryForTheFrame() {
    channel.config().setAllocator(new FullAllocator());
    byte[] stream = stream();

    OutOfMemoryError error = assertThrows(OutOfMemoryError.class, () -> arrive(stream, 9, 40));

    assertEquals("full", error.getMessage());
    assertNothingIsHeld();
  }

  @Test
  void shouldReleaseAFrameInPiecesWhenTheConnectionEnds() {
    ByteBufAllocator unpooled = new UnpooledByteBufAllocator(true, false);
    channel.config().setAllocator(unpooled);
    arrive(stream(), 9, 40);
    assertTrue(used(unpooled) > 0, "nothing is kept of a frame under way");

    channel.close().syncUninterruptibly();

    assertEquals(0, used(unpooled));
    assertNothingIsHeld();
  }

  private static long used(ByteBufAllocator allocator) {
    return ((UnpooledByteBufAllocator) allocator).metric().usedDirectMemory();
  }

  /** Has no direct memory left. */
  private static final class FullAllocator extends AbstractByteBufAllocator {
    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
      throw new OutOfMemoryError("full");
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
      throw new OutOfMemoryError("full");
    }

    @Override
    public boolean isDirectBufferPooled() {
      return false;
    }
  }
}
