package io.shardfire.driver.monitor;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.driver.plan.RunFolder;
import io.shardfire.sharding.lease.LeaseLostException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;

/**
 * Metrics as JSON lines in the run folder, one object per event.
 *
 * <pre>
 *   &lt;run&gt;/metrics/part-00000.jsonl     first process that trained
 *                 part-00001.jsonl     the next one, after a resume
 * </pre>
 *
 * <p>Parts are numbered and never touched again, because not every Hadoop file system can append;
 * so a resumed run loses no earlier line, and the parts in the order of their names are the whole
 * log. Steps repeated after a restart appear again, with a higher {@code generation}; the later
 * line counts. Where the file system can publish an open file (local, HDFS), lines are visible
 * after a second at most, and with every checkpoint; elsewhere (object stores) a part is closed and
 * the next begun every minute. Confined to one thread.
 */
public final class MetricsLog implements AutoCloseable {
  /** The event after which nothing written so far may be lost. */
  static final String CHECKPOINT = "checkpoint";

  private static final Pattern PART = Pattern.compile("part-(\\d{5,9})\\.jsonl");
  private static final Duration FLUSH_INTERVAL = Duration.ofSeconds(1);
  private static final Duration PART_INTERVAL = Duration.ofMinutes(1);

  private final ObjectMapper json = new ObjectMapper();
  private final FileSystem files;
  private final Path folder;
  private final InstantSource clock;
  private final Runnable fence;
  private int nextPart;
  private FSDataOutputStream out;
  private boolean publishes;
  private Instant published;

  private MetricsLog(
      FileSystem files, Path folder, InstantSource clock, Runnable fence, int nextPart) {
    this.files = files;
    this.folder = folder;
    this.clock = clock;
    this.fence = fence;
    this.nextPart = nextPart;
  }

  /**
   * Opens the log of a run folder, after all parts that are there. Creates nothing before the first
   * line.
   */
  public static MetricsLog open(Configuration hadoop, Path run, InstantSource clock)
      throws IOException {
    return open(hadoop, run, clock, () -> {});
  }

  /**
   * As above, in a folder that may be lost to another run.
   *
   * @param fence called before each part is created; throws {@link LeaseLostException} when the
   *     folder is another run's
   */
  public static MetricsLog open(Configuration hadoop, Path run, InstantSource clock, Runnable fence)
      throws IOException {
    FileSystem files = run.getFileSystem(hadoop);
    if (files instanceof LocalFileSystem local) {
      // The checksummed view can neither flush nor append.
      files = local.getRawFileSystem();
    }
    Path folder = new Path(run, RunFolder.METRICS);
    int next = 0;
    if (files.exists(folder)) {
      for (FileStatus file : files.listStatus(folder)) {
        Matcher matcher = PART.matcher(file.getPath().getName());
        if (matcher.matches()) {
          next = Math.max(next, Integer.parseInt(matcher.group(1)) + 1);
        }
      }
    }
    return new MetricsLog(files, folder, clock, fence, next);
  }

  /** Whether a file of the folder is a part of the log. */
  static boolean isPart(Path file) {
    return PART.matcher(file.getName()).matches();
  }

  /**
   * Appends one event.
   *
   * @param fields in the order in which they are written, after {@code event} and {@code time}
   */
  public void write(String event, Map<String, ?> fields) throws IOException {
    try {
      append(event, fields);
    } catch (FSError e) {
      throw ofLocalDisk(e);
    }
  }

  /** Hadoop's local file system throws an error where others throw an exception. */
  private static IOException ofLocalDisk(FSError error) {
    Throwable cause = error.getCause();
    return new IOException(cause == null ? error.getMessage() : cause.getMessage(), error);
  }

  private void append(String event, Map<String, ?> fields) throws IOException {
    Instant now = clock.instant();
    if (out == null) {
      begin(now);
    }
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("event", event);
    line.put("time", now.toString());
    line.putAll(fields);
    out.write((json.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
    publish(event, now);
  }

  private void begin(Instant now) throws IOException {
    try {
      fence.run();
    } catch (LeaseLostException | UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
    String name = String.format(Locale.ROOT, "part-%05d.jsonl", nextPart++);
    out = files.create(new Path(folder, name), false);
    publishes = out.hasCapability(StreamCapabilities.HSYNC);
    published = now;
  }

  /**
   * A resumed run does not repeat the steps before its checkpoint, so their lines go out with it.
   */
  private void publish(String event, Instant now) throws IOException {
    Instant due = published.plus(publishes ? FLUSH_INTERVAL : PART_INTERVAL);
    if (!event.equals(CHECKPOINT) && now.isBefore(due)) {
      return;
    }
    if (publishes) {
      out.hflush();
      published = now;
    } else {
      close();
    }
  }

  /** Writes everything out; a later line begins a new part. */
  @Override
  public void close() throws IOException {
    if (out != null) {
      FSDataOutputStream finished = out;
      out = null;
      try {
        finished.close();
      } catch (FSError e) {
        throw ofLocalDisk(e);
      }
    }
  }
}
