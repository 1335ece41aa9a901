package io.shardfire.kernels.device;

/**
 * The arenas of one rank. At most {@link #MAX_ARENAS}, all allocated before the first command
 * buffer runs. Owned by one thread at a time.
 */
public final class DeviceMemory {
  /** Arena arguments every kernel takes. */
  public static final int MAX_ARENAS = 6;

  /** Largest arena, in floats: the native layer crashes at 2^29. */
  public static final long MAX_FLOATS = 536_870_000L;

  DeviceMemory() {}

  /**
   * Allocates a zeroed arena of at least {@code floats} floats.
   *
   * @throws ComputeException when too many arenas, too large, or the heap is too small (names both)
   */
  public Arena allocate(String name, long floats) {
    throw new UnsupportedOperationException("skeleton");
  }

  /** Starts recording commands over these arenas. */
  public CommandRecorder record(String name) {
    throw new UnsupportedOperationException("skeleton");
  }
}
