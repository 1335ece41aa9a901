package io.shardfire.sharding.checkpoint;

import io.shardfire.sharding.layout.ShardLayout;
import io.shardfire.sharding.layout.TensorSpec;
import io.shardfire.sharding.layout.UnitRange;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a unit in logical coordinates: floats from the start of the unit, without its padding
 * at the end. They are the same for every world size.
 *
 * @param begin first float
 * @param end one past the last float
 */
record UnitSlice(String unit, long begin, long end) {
  private static final Pattern NAME =
      Pattern.compile("(.+)\\[(\\d{1,18}):(\\d{1,18})]\\.([a-z_]+)");

  /** A slice of one of the moments, which is named as in {@link MomentSet}. */
  record Named(UnitSlice slice, String moment) {}

  long length() {
    return end - begin;
  }

  /** Tensor name of the slice in an optimizer file: {@code h.0[1024:2048].exp_avg}. */
  String tensorName(String moment) {
    return unit + "[" + begin + ":" + end + "]." + moment;
  }

  /** The inverse of {@link #tensorName}; empty for other names. */
  static Optional<Named> parse(String tensorName) {
    Matcher matcher = NAME.matcher(tensorName);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    UnitSlice slice =
        new UnitSlice(
            matcher.group(1), Long.parseLong(matcher.group(2)), Long.parseLong(matcher.group(3)));
    return Optional.of(new Named(slice, matcher.group(4)));
  }

  /** What a rank owns of a unit; empty where its shard is all padding. */
  static UnitSlice owned(ShardLayout layout, int unit, int rank) {
    UnitRange shard = layout.shard(unit, rank);
    long used = used(layout, unit);
    return new UnitSlice(
        layout.units().get(unit).name(),
        Math.min(used, shard.offset()),
        Math.min(used, shard.end()));
  }

  /** Length of a unit without the padding at its end. */
  static long used(ShardLayout layout, int unit) {
    long end = 0;
    for (TensorSpec tensor : layout.units().get(unit).tensors()) {
      end = Math.max(end, layout.tensor(tensor.name()).end());
    }
    return end;
  }

  /**
   * Identifies the logical coordinates: SHA-256 over units, tensors and where these lie in their
   * units. Moments can be exchanged between layouts of one fingerprint.
   */
  static String fingerprint(ShardLayout layout) {
    MessageDigest digest = HashedFile.digest();
    for (int u = 0; u < layout.units().size(); u++) {
      StringBuilder text = new StringBuilder("unit " + layout.units().get(u).name() + "\n");
      for (TensorSpec tensor : layout.units().get(u).tensors()) {
        UnitRange range = layout.tensor(tensor.name());
        text.append("tensor ").append(tensor.name()).append(' ');
        text.append(range.offset()).append(' ');
        text.append(range.length()).append('\n');
      }
      digest.update(text.toString().getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
