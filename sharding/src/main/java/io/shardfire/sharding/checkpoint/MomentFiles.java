package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.collective.FloatRange;
import io.shardfire.sharding.layout.ShardLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The optimizer files of a checkpoint: slices of units, written by any number of ranks, read by any
 * other number.
 */
final class MomentFiles implements AutoCloseable {
  /** Metadata key of {@link UnitSlice#fingerprint}. */
  static final String LAYOUT = "layout";

  private final String folder;
  private final List<SafetensorsFile> opened;

  /** By unit and moment; in order of their begin. */
  private final Map<Key, List<Piece>> pieces;

  private MomentFiles(String folder, List<SafetensorsFile> opened, Map<Key, List<Piece>> pieces) {
    this.folder = folder;
    this.opened = opened;
    this.pieces = pieces;
  }

  private record Key(String unit, String moment) {}

  private record Piece(UnitSlice slice, String tensor, SafetensorsFile file) {}

  /** Name of the file of one rank. */
  static String name(int rank, int worldSize) {
    return String.format(Locale.ROOT, "optimizer-%05d-of-%05d.safetensors", rank, worldSize);
  }

  static boolean isName(String name) {
    return name.matches("optimizer-\\d{5,}-of-\\d{5,}\\.safetensors");
  }

  /** Opens the optimizer files that a manifest lists, for an optimizer. */
  static MomentFiles open(FileSystem files, Path folder, Manifest manifest, MomentSet set) {
    String expected = UnitSlice.fingerprint(set.layout());
    List<SafetensorsFile> opened = new ArrayList<>();
    boolean complete = false;
    try {
      Map<Key, List<Piece>> pieces = new HashMap<>();
      for (Manifest.Entry entry : manifest.files()) {
        if (!isName(entry.name())) {
          continue;
        }
        Path path = new Path(folder, entry.name());
        SafetensorsFile file = SafetensorsFile.open(files, path);
        opened.add(file);
        String actual = file.metadata().get(LAYOUT);
        if (!expected.equals(actual)) {
          throw new CheckpointException(
              "Optimizer state belongs to another model: file="
                  + path
                  + ", expected layout="
                  + expected
                  + ", actual layout="
                  + actual
                  + "; resume with the model configuration of the checkpoint");
        }
        for (String tensor : file.entries().keySet()) {
          UnitSlice.Named named =
              UnitSlice.parse(tensor)
                  .orElseThrow(
                      () ->
                          new CheckpointException(
                              "Not a slice of an optimizer moment: file="
                                  + path
                                  + ", tensor="
                                  + tensor));
          checkLength(path, file.entries().get(tensor), named.slice());
          pieces
              .computeIfAbsent(
                  new Key(named.slice().unit(), named.moment()), key -> new ArrayList<>())
              .add(new Piece(named.slice(), tensor, file));
        }
      }
      pieces
          .values()
          .forEach(list -> list.sort(Comparator.comparingLong(piece -> piece.slice().begin())));
      MomentFiles moments = new MomentFiles(folder.toString(), opened, pieces);
      moments.requireMoments(set);
      moments.checkComplete(set);
      complete = true;
      return moments;
    } finally {
      if (!complete) {
        opened.forEach(SafetensorsFile::close);
      }
    }
  }

  /**
   * Fills a rank's shard of every unit, its padding with zeros.
   *
   * @param shards where the shard of each unit lies, in each moment of the set
   */
  void read(MomentSet set, int rank, List<List<FloatRange>> shards) {
    set.requireCount(shards.size());
    for (int unit = 0; unit < set.layout().units().size(); unit++) {
      UnitSlice wanted = UnitSlice.owned(set.layout(), unit, rank);
      for (int moment = 0; moment < shards.size(); moment++) {
        read(wanted, set.names().get(moment), shards.get(moment).get(unit));
      }
    }
  }

  private void read(UnitSlice wanted, String moment, FloatRange shard) {
    int padding = shard.offset() + (int) wanted.length();
    Arrays.fill(shard.array(), padding, shard.offset() + shard.length(), 0f);
    for (Piece piece : pieces.getOrDefault(new Key(wanted.unit(), moment), List.of())) {
      long begin = Math.max(wanted.begin(), piece.slice().begin());
      long end = Math.min(wanted.end(), piece.slice().end());
      if (begin < end) {
        piece
            .file()
            .read(
                piece.tensor(),
                begin - piece.slice().begin(),
                shard.array(),
                shard.offset() + (int) (begin - wanted.begin()),
                (int) (end - begin));
      }
    }
  }

  @Override
  public void close() {
    opened.forEach(SafetensorsFile::close);
  }

  private void requireMoments(MomentSet set) {
    TreeSet<String> actual = new TreeSet<>();
    pieces.keySet().forEach(key -> actual.add(key.moment()));
    if (!actual.equals(new TreeSet<>(set.names()))) {
      throw new CheckpointException(
          "The checkpoint holds other state than the optimizer keeps: folder="
              + folder
              + ", expected moments="
              + set.names()
              + ", actual moments="
              + actual
              + "; resume with the optimizer settings of the checkpoint, or from another one");
    }
  }

  private static void checkLength(Path path, SafetensorsFile.Entry entry, UnitSlice slice) {
    if (slice.begin() > slice.end() || !entry.shape().equals(List.of(slice.length()))) {
      throw new CheckpointException(
          "Optimizer slice has another shape than its name says: file="
              + path
              + ", tensor="
              + entry.name()
              + ", expected shape=["
              + slice.length()
              + "], actual shape="
              + entry.shape());
    }
  }

  /** The slices of each unit follow each other without gap or overlap. */
  private void checkComplete(MomentSet set) {
    ShardLayout layout = set.layout();
    for (int u = 0; u < layout.units().size(); u++) {
      String unit = layout.units().get(u).name();
      for (String moment : set.names()) {
        long end = 0;
        for (Piece piece : pieces.getOrDefault(new Key(unit, moment), List.of())) {
          if (piece.slice().begin() != end) {
            break;
          }
          end = piece.slice().end();
        }
        if (end != UnitSlice.used(layout, u)) {
          throw new CheckpointException(
              "Optimizer slices have a gap or an overlap: folder="
                  + folder
                  + ", unit="
                  + unit
                  + ", moment="
                  + moment
                  + ", expected end="
                  + UnitSlice.used(layout, u)
                  + ", actual end="
                  + end);
        }
      }
    }
  }
}
