package io.shardfire.sharding.lease;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** The files of the leases of one run folder; the package draws them. Thread-safe. */
public final class LeaseFolder {
  /** Its name in the run folder. */
  public static final String NAME = "lease";

  private static final Pattern FILE =
      Pattern.compile("generation-(\\d{8,18})\\.(json|renewed|released)");
  private static final int LARGEST_CLAIM = 1 << 16;

  /** Old generations are deleted by the newest owner, so a listed file may be gone. */
  private static final int LOOKS = 5;

  private final FileSystem files;
  private final Path run;
  private final Path folder;

  private LeaseFolder(FileSystem files, Path run) {
    this.files = files;
    this.run = run;
    this.folder = new Path(run, NAME);
  }

  /** The leases of a run folder, which may not exist yet. */
  public static LeaseFolder of(FileSystem files, Path run) {
    FileSystem plain = files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
    return new LeaseFolder(plain, run);
  }

  Path run() {
    return run;
  }

  Path claimFile(long generation) {
    return file(generation, "json");
  }

  /** The newest generation; empty when none was ever claimed, or the files were deleted. */
  Optional<LeaseEntry> newest() throws IOException {
    for (int look = 1; ; look++) {
      FileStatus[] listed = list();
      OptionalLong newest = newest(listed);
      if (newest.isEmpty()) {
        return Optional.empty();
      }
      try {
        return Optional.of(entry(newest.getAsLong(), listed));
      } catch (FileNotFoundException e) {
        if (look == LOOKS) {
          throw e;
        }
      }
    }
  }

  private FileStatus[] list() throws IOException {
    try {
      return files.listStatus(folder);
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    }
  }

  private static OptionalLong newest(FileStatus[] listed) {
    OptionalLong newest = OptionalLong.empty();
    for (FileStatus file : listed) {
      Matcher name = FILE.matcher(file.getPath().getName());
      // What is left of a deleted generation, or comes late from its owner, claims nothing.
      if (name.matches() && name.group(2).equals("json")) {
        newest = OptionalLong.of(Math.max(newest.orElse(0), Long.parseLong(name.group(1))));
      }
    }
    return newest;
  }

  private LeaseEntry entry(long generation, FileStatus[] listed) throws IOException {
    long renewed = 0;
    boolean released = false;
    for (FileStatus file : listed) {
      Matcher name = FILE.matcher(file.getPath().getName());
      if (name.matches() && Long.parseLong(name.group(1)) == generation) {
        renewed = Math.max(renewed, file.getModificationTime());
        released |= name.group(2).equals("released");
      }
    }
    return new LeaseEntry(generation, claim(generation), renewed, released);
  }

  private Optional<LeaseClaim> claim(long generation) throws IOException {
    byte[] bytes = new byte[LARGEST_CLAIM];
    int length;
    try (FSDataInputStream in = files.open(claimFile(generation))) {
      length = in.readNBytes(bytes, 0, bytes.length);
    }
    try {
      LeaseClaim claim = LeaseClaim.parse(new String(bytes, 0, length, StandardCharsets.UTF_8));
      return claim.generation() == generation ? Optional.of(claim) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** Whether of two who claim a generation at the same time one must fail. */
  boolean claimsAtomically() throws IOException {
    return ExclusiveFile.isAtomic(files, folder);
  }

  /** Claims a generation; false when another has claimed it. */
  boolean claim(LeaseClaim claim) throws IOException {
    return ExclusiveFile.create(files, claimFile(claim.generation()), claim.json());
  }

  /** Writes the file of a claim again, which is damaged. */
  void repair(LeaseClaim claim) throws IOException {
    write(claimFile(claim.generation()), claim.json());
  }

  /** Tells that the owner lives. */
  void renew(long generation, String now) throws IOException {
    write(file(generation, "renewed"), now + "\n");
  }

  /** Tells that the owner has ended. */
  void release(long generation, String now) throws IOException {
    write(file(generation, "released"), now + "\n");
  }

  /** Deletes a claim under which no run was begun, and the folder when nothing else is in it. */
  void forget(long generation) throws IOException {
    files.delete(claimFile(generation), false);
    files.delete(file(generation, "renewed"), false);
    if (list().length == 0) {
      files.delete(folder, false);
    }
  }

  /** Deletes the files of earlier generations. */
  void deleteBefore(long generation) throws IOException {
    for (FileStatus file : list()) {
      Matcher name = FILE.matcher(file.getPath().getName());
      if (name.matches() && Long.parseLong(name.group(1)) < generation) {
        files.delete(file.getPath(), false);
      }
    }
  }

  /** What the file system's clock says, in milliseconds; writes and deletes a small file. */
  long now() throws IOException {
    Path probe = new Path(folder, ".clock-" + UUID.randomUUID());
    write(probe, "");
    try {
      return files.getFileStatus(probe).getModificationTime();
    } finally {
      files.delete(probe, false);
    }
  }

  private void write(Path path, String text) throws IOException {
    try (FSDataOutputStream out = files.create(path, true)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private Path file(long generation, String kind) {
    return new Path(folder, String.format(Locale.ROOT, "generation-%08d.%s", generation, kind));
  }
}
