package io.shardfire.sharding.checkpoint;

import java.util.List;

/** Every file of a checkpoint with size in bytes and SHA-256 in lower-case hex; written last. */
public record Manifest(int formatVersion, long step, List<Entry> files) {
  /** Copies. */
  public Manifest {
    files = List.copyOf(files);
  }

  /** One file, by its name in the folder. */
  public record Entry(String name, long bytes, String sha256) {}
}
