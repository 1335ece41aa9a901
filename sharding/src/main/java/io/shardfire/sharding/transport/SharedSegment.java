package io.shardfire.sharding.transport;

import io.shardfire.sharding.wire.GradientShard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Memory that two processes of one machine share: the slots in which one leaves messages for the
 * other. It spares them two copies through the kernel and one through the transport.
 *
 * <pre>
 * byte  0          slot 0    a message of at most one chunk
 *       s          slot 1    s: chunk and overhead, in whole pages
 *       ...
 *       (n-1) * s  slot n-1
 * </pre>
 *
 * <p>It is a file in {@code /dev/shm} that only this user may open, under a name that cannot be
 * guessed, and it is unlinked as soon as both sides have mapped it; the memory goes when the last
 * of them does. The reader maps it read-only. Not thread-safe; who may touch a slot is settled by
 * messages.
 */
final class SharedSegment {
  private static final Path FOLDER = Path.of("/dev/shm");
  private static final Pattern NAME = Pattern.compile("shardfire-[0-9a-f]{32}");
  private static final int PAGE = 4096;

  private final Path file;
  private final MappedByteBuffer memory;
  private final int slotBytes;

  private SharedSegment(Path file, MappedByteBuffer memory, int slotBytes) {
    this.file = file;
    this.memory = memory;
    this.slotBytes = slotBytes;
  }

  /** Whether this machine has a folder for shared memory. */
  static boolean supported() {
    return Files.isDirectory(FOLDER) && Files.isWritable(FOLDER);
  }

  /**
   * Makes a segment to write to.
   *
   * @throws IOException when there is no room for it
   */
  static SharedSegment create(int slots, int chunkBytes) throws IOException {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    Path file = FOLDER.resolve("shardfire-" + HexFormat.of().formatHex(random));
    int slotBytes = slotBytes(chunkBytes);
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(
                StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      // Filled, not only sized: a full folder fails here, and not with a fault at some store.
      for (int slot = 0; slot < slots; slot++) {
        ByteBuffer zeros = ByteBuffer.allocate(slotBytes);
        while (zeros.hasRemaining()) {
          channel.write(zeros);
        }
      }
      MappedByteBuffer memory =
          channel.map(FileChannel.MapMode.READ_WRITE, 0, (long) slots * slotBytes);
      return new SharedSegment(file, memory, slotBytes);
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /**
   * Opens a segment to read from.
   *
   * @throws IOException when the name or size is not a segment's, or it does not exist here: the
   *     other process then has a folder of its own, as in another container
   */
  static SharedSegment open(String name, int slots, int chunkBytes) throws IOException {
    if (!NAME.matcher(name).matches()) {
      throw new IOException("Not a segment's name: " + name);
    }
    Path file = FOLDER.resolve(name);
    int slotBytes = slotBytes(chunkBytes);
    long expected = (long) slots * slotBytes;
    try (FileChannel channel =
        FileChannel.open(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      if (channel.size() != expected) {
        throw new IOException(
            "A segment has a wrong size: name=%s, bytes=%d, expected=%d"
                .formatted(name, channel.size(), expected));
      }
      return new SharedSegment(
          file, channel.map(FileChannel.MapMode.READ_ONLY, 0, expected), slotBytes);
    }
  }

  private static int slotBytes(int chunkBytes) {
    int bytes = chunkBytes + GradientShard.MAX_OVERHEAD;
    return (bytes + PAGE - 1) / PAGE * PAGE;
  }

  String name() {
    return file.getFileName().toString();
  }

  /** Removes the name; the memory stays for those who have mapped it. */
  void unlink() throws IOException {
    Files.delete(file);
  }

  /** A whole slot. */
  ByteBuffer slot(int slot) {
    return memory.slice(slot * slotBytes, slotBytes);
  }

  /**
   * The first bytes of a slot.
   *
   * @throws IndexOutOfBoundsException when there is no such slot or it is smaller
   */
  ByteBuffer message(int slot, int bytes) {
    if (slot < 0 || slot >= memory.capacity() / slotBytes || bytes < 0 || bytes > slotBytes) {
      throw new IndexOutOfBoundsException(
          "No such place in shared memory: slot=%d, bytes=%d, slotBytes=%d, segmentBytes=%d"
              .formatted(slot, bytes, slotBytes, memory.capacity()));
    }
    return memory.slice(slot * slotBytes, bytes);
  }
}
