package io.shardfire.sharding.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.sharding.collective.CollectiveKey;
import io.shardfire.sharding.collective.ElementType;
import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.collective.Phase;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireCodecTest {
  private static final int LIMIT = 1 << 16;
  private static final MessageHeader HEADER =
      new MessageHeader("data", 7, 3, new CollectiveKey(258, Phase.NORM, 5), Operation.ALL_GATHER);

  /** Where a shard's element type lies. */
  private static final int TYPE_AT = 5 + 27 + 4;

  private static final String SHARD_GOLDEN =
      "53465731" // SFW1
          + "14" // class 18 + 2
          + "07000000" // generation
          + "03000000" // sender
          + "0201000000000000" // step
          + "05000000" // unit
          + "02" // phase NORM
          + "01" // operation ALL_GATHER
          + "0464617461" // data
          + "09000000" // chunk
          + "00" // FP32
          + "40000000" // offset
          + "02000000" // count
          + "c9f236aa" // CRC32C
          + "0000803f000000c0"; // 1.0f, -2.0f

  private static final String BF16_GOLDEN =
      SHARD_GOLDEN
          .replace("09000000" + "00", "09000000" + "01")
          .replace("c9f236aa" + "0000803f000000c0", "0e780d04" + "803f00c0");

  private final WireCodec codec = WireCodec.forPeers(LIMIT);

  private static GradientShard shard(float... values) {
    return shard(ElementType.FP32, values);
  }

  private static GradientShard shard(ElementType type, float... values) {
    FloatRange range = new FloatRange(values, 0, values.length);
    return new GradientShard(HEADER, 9, 64, new ShardPayload.OfFloats(type, range));
  }

  private byte[] encode(Object message) {
    ByteBuffer buffer = ByteBuffer.allocate(LIMIT + GradientShard.MAX_OVERHEAD);
    codec.encode(message, buffer);
    return Arrays.copyOf(buffer.array(), buffer.limit());
  }

  private Object decode(byte[] bytes) {
    return codec.decode(ByteBuffer.wrap(bytes));
  }

  private String refusal(byte[] bytes) {
    return assertThrows(WireException.class, () -> decode(bytes)).getMessage();
  }

  @Test
  void shouldWriteShardsAsDrawn() {
    assertEquals(SHARD_GOLDEN, HexFormat.of().formatHex(encode(shard(1f, -2f))));
    assertEquals(
        BF16_GOLDEN, HexFormat.of().formatHex(encode(shard(ElementType.BF16, 1 + 0x1p-9f, -2f))));
  }

  @Test
  void shouldReadShardsAsDrawn() {
    assertReads(ElementType.FP32, SHARD_GOLDEN);
    assertReads(ElementType.BF16, BF16_GOLDEN);
  }

  private void assertReads(ElementType type, String golden) {
    GradientShard read = (GradientShard) decode(HexFormat.of().parseHex(golden));

    assertEquals(HEADER, read.header());
    assertEquals(9, read.chunk());
    assertEquals(type, read.payload().type());
    assertEquals(2, read.payload().elements());
    assertEquals(64, read.offset());
    float[] values = {-1, -1, -1, -1};
    read.payload().copyTo(values, 1);
    assertArrayEquals(new float[] {-1, 1, -2, -1}, values);
  }

  @Test
  void shouldWriteTheSmallMessagesAsDrawn() {
    assertEquals(
        "5346573112" + "02000000" + "01000000" + "04000000" + "00001000" + "0167",
        HexFormat.of().formatHex(encode(new JoinGroup("g", 2, 1, 4, 1 << 20))));
    assertEquals("5346573116" + "0173", HexFormat.of().formatHex(encode(new OfferSegment("s"))));
    assertEquals(
        "5346573117" + "03000000" + "00100000",
        HexFormat.of().formatHex(encode(new ShardInSegment(3, 4096))));
    assertEquals(
        "5346573113" + "0700000003000000020100000000000005000000020104646174" + "61" + "e8030000",
        HexFormat.of().formatHex(encode(new ReceiverReady(HEADER, 1000))));
    assertEquals(
        "5346573115"
            + "0700000003000000020100000000000005000000020104646174"
            + "61"
            + "09000000"
            + "839206e3" // the CRC32C check value of the digits 1 to 9
            + "313233343536373839",
        HexFormat.of().formatHex(encode(new ByteShare(HEADER, "123456789".getBytes(US_ASCII)))));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 17, 1023, 4095, LIMIT / 4})
  void shouldCarryOddLengthsFromHeapAndDirectBuffers(int length) {
    carry(length, ElementType.FP32);
  }

  /** Twice as many elements fill a message. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 17, 1023, 4095, LIMIT / 2})
  void shouldCarryOddLengthsInHalfTheBytes(int length) {
    carry(length, ElementType.BF16);
  }

  private void carry(int length, ElementType type) {
    Random random = new Random(length);
    float[] values = new float[length + 5];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(random.nextInt() & 0x7f7fffff);
    }
    FloatRange range = new FloatRange(values, 3, length);
    GradientShard message = new GradientShard(HEADER, 0, 0, new ShardPayload.OfFloats(type, range));
    float[] expected = new float[length];
    message.payload().copyTo(expected, 0);
    assertEquals(
        type == ElementType.FP32, Arrays.equals(values, 3, 3 + length, expected, 0, length));
    for (boolean direct : new boolean[] {false, true}) {
      int capacity = LIMIT + GradientShard.MAX_OVERHEAD;
      ByteBuffer buffer =
          direct ? ByteBuffer.allocateDirect(capacity) : ByteBuffer.allocate(capacity);
      codec.encode(message, buffer);
      assertTrue(buffer.remaining() - length * type.bytes() <= GradientShard.MAX_OVERHEAD);

      GradientShard read = (GradientShard) codec.decode(buffer.asReadOnlyBuffer());

      float[] target = new float[length];
      read.payload().copyTo(target, 0);
      assertArrayEquals(expected, target);
      buffer.limit(buffer.limit() - type.bytes());
      assertThrows(WireException.class, () -> codec.decode(buffer));
    }
  }

  @Test
  void shouldCarryTheSmallMessages() {
    JoinGroup join = new JoinGroup("tensor-axis", 1, 2, 3, 4096);
    ReceiverReady ready = new ReceiverReady(HEADER, 123_456_789);

    OfferSegment offer = new OfferSegment("shardfire-00ff");
    ShardInSegment place = new ShardInSegment(2, 77);

    assertEquals(join, decode(encode(join)));
    assertEquals(offer, decode(encode(offer)));
    assertEquals(place, decode(encode(place)));
    assertEquals(ready, decode(encode(ready)));
    ByteShare share = (ByteShare) decode(encode(new ByteShare(HEADER, new byte[] {1, 2, 3})));
    assertEquals(HEADER, share.header());
    assertArrayEquals(new byte[] {1, 2, 3}, share.bytes());
    assertEquals(
        0, ((ByteShare) decode(encode(new ByteShare(HEADER, new byte[0])))).bytes().length);
  }

  @Test
  void shouldRefuseAMessageCutOffAnywhere() {
    for (Object message :
        new Object[] {
          shard(1f, 2f, 3f),
          new JoinGroup("g", 0, 0, 1, 4096),
          new ReceiverReady(HEADER, 1),
          new ByteShare(HEADER, new byte[] {1, 2})
        }) {
      byte[] bytes = encode(message);
      for (int length = 0; length < bytes.length; length++) {
        byte[] cut = Arrays.copyOf(bytes, length);
        assertThrows(WireException.class, () -> decode(cut), "length=" + length);
      }
    }
    assertEquals(
        "A shard's sizes are wrong: chunk=9, offset=64, count=2, payloadBytes=7: "
            + HEADER.describe(),
        refusal(Arrays.copyOf(encode(shard(1f, 2f)), 56)));
  }

  @Test
  void shouldRefuseBytesAfterTheMessage() {
    byte[] ready = encode(new ReceiverReady(HEADER, 1));
    byte[] longShard = Arrays.copyOf(encode(shard(1f)), 58);

    assertEquals(
        "A message is longer than its content: bytes=37, content=36",
        refusal(Arrays.copyOf(ready, ready.length + 1)));
    assertTrue(refusal(longShard).startsWith("A shard's sizes are wrong: "), refusal(longShard));
  }

  @Test
  void shouldRefuseEveryDamagedPayloadByteAndNameTheCollective() {
    byte[] bytes = encode(shard(1f, 2f));
    for (int i = bytes.length - 8; i < bytes.length; i++) {
      byte[] damaged = bytes.clone();
      damaged[i] ^= 0x10;
      WireException error = assertThrows(WireException.class, () -> decode(damaged));
      assertTrue(
          error.getMessage().startsWith("A payload was damaged on its way: expectedCrc32c="),
          error.getMessage());
      assertTrue(
          error
              .getMessage()
              .endsWith(
                  "group=data, generation=7, sender=3, operation=allGather, phase=NORM, unit=5,"
                      + " step=258"),
          error.getMessage());
      assertEquals(HEADER, error.header().orElseThrow());
    }
  }

  @Test
  void shouldRefuseSizesBeforeAllocatingForThem() {
    byte[] hugeShard = encode(shard(1f));
    ByteBuffer.wrap(hugeShard).putInt(41, 0xffffff7f);
    byte[] hugeShare = encode(new ByteShare(HEADER, new byte[1]));
    ByteBuffer.wrap(hugeShare).putInt(32, 0xffffff7f);

    byte[] twice = encode(shard(ElementType.BF16, new float[LIMIT / 2]));
    twice[TYPE_AT] = 0;
    byte[] half = encode(shard(1f, -2f));
    half[TYPE_AT] = 1;

    assertEquals(
        "A shard's payload is empty or too large: count=2147483647, elementType=FP32, limit=65536"
            + " bytes: "
            + HEADER.describe(),
        refusal(hugeShard));
    assertEquals(
        "A shard's payload is empty or too large: count=32768, elementType=FP32, limit=65536"
            + " bytes: "
            + HEADER.describe(),
        refusal(twice));
    assertEquals(
        "A shard's sizes are wrong: chunk=9, offset=64, count=2, payloadBytes=8: "
            + HEADER.describe(),
        refusal(half));
    assertEquals(
        "A message's bytes are too many: length=2147483647, limit=16777216: " + HEADER.describe(),
        refusal(hugeShare));
  }

  @Test
  void shouldRefuseToWriteMoreThanTheLimits() {
    assertTooLarge(ElementType.FP32, 16_385);
    assertTooLarge(ElementType.BF16, 32_769);
    assertInstanceOf(
        WireException.class,
        assertThrows(
            WireException.class, () -> codec.encode(shard(1f, 2f), ByteBuffer.allocate(40))));
  }

  private void assertTooLarge(ElementType type, int count) {
    assertEquals(
        "A shard's payload is empty or too large: count=%d, elementType=%s, limit=65536 bytes: %s"
            .formatted(count, type, HEADER.describe()),
        assertThrows(WireException.class, () -> encode(shard(type, new float[count])))
            .getMessage());
  }

  @Test
  void shouldRefuseOtherFormatsAndUnregisteredClasses() {
    byte[] bytes = encode(shard(1f));
    byte[] otherVersion = bytes.clone();
    otherVersion[3] = '2';

    assertEquals(
        "Not a message of this version; do all ranks run one version? bytes=" + bytes.length,
        refusal(otherVersion));
    // 0 is Kryo's null, 1 a class by name, 3 its built-in String, 30 and 255 nothing.
    for (int code : new int[] {0, 1, 3, 30, 255}) {
      byte[] otherClass = bytes.clone();
      otherClass[4] = (byte) code;
      assertEquals("A message of an unregistered class: id=" + (code - 2), refusal(otherClass));
    }
    WireException error = assertThrows(WireException.class, () -> encode(new BitSet()));
    assertTrue(
        error
            .getMessage()
            .startsWith("A message cannot be written: type=java.util.BitSet, capacity="),
        error.getMessage());
  }

  @Test
  void shouldRefuseUnknownCodes() {
    byte[] phase = encode(shard(1f));
    phase[25] = 77;
    byte[] operation = encode(shard(1f));
    operation[26] = 78;
    byte[] type = encode(shard(1f));
    type[TYPE_AT] = 79;

    assertEquals(
        "Unknown code in a message; do all ranks run one version? phase=77", refusal(phase));
    assertEquals(
        "Unknown code in a message; do all ranks run one version? operation=78",
        refusal(operation));
    assertEquals(
        "Unknown code in a message; do all ranks run one version? elementType=79", refusal(type));
  }

  @Test
  void shouldSurviveRandomDamage() {
    Random random = new Random(1);
    byte[] bytes = encode(shard(1f, 2f, 3f));
    for (int i = 0; i < 5000; i++) {
      byte[] damaged = bytes.clone();
      damaged[4 + random.nextInt(bytes.length - 4)] = (byte) random.nextInt();
      try {
        decode(damaged);
      } catch (WireException expected) {
        assertTrue(!expected.getMessage().isBlank());
      }
    }
  }
}
