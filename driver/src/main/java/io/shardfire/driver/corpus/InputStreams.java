package io.shardfire.driver.corpus;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.BZip2Codec;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;

/**
 * Opens plain and compressed files. The suffix decides: Hadoop's codecs (.gz, .bz2, .deflate,
 * .snappy, .lz4 and those that {@code io.compression.codecs} adds). Libraries that Spark ships read
 * .zst, which Hadoop reads only where its native library is installed, and .bz2.
 */
final class InputStreams {
  private static final List<String> UNSUPPORTED =
      List.of(".xz", ".zip", ".7z", ".tar", ".tgz", ".rar", ".parquet", ".orc", ".avro");

  private final Configuration configuration;
  private final CompressionCodecFactory codecs;

  InputStreams(Configuration configuration) {
    this.configuration = configuration;
    this.codecs = new CompressionCodecFactory(configuration);
  }

  /** Whether the bytes on disk are the text itself, so that reading may start anywhere. */
  boolean plain(Path path) {
    return !zstandard(path) && codecs.getCodec(path) == null;
  }

  /** Refuses formats that would otherwise be read as garbage text. */
  static void check(Path path) {
    String name = path.getName().toLowerCase(Locale.ROOT);
    for (String suffix : UNSUPPORTED) {
      if (name.endsWith(suffix)) {
        throw new CorpusException(
            "Unsupported file format: file=%s suffix=%s. Give plain text or JSON lines,"
                    .formatted(path, suffix)
                + " uncompressed or as .gz, .bz2 or .zst");
      }
    }
  }

  /** Opens a file at a position; only plain files may start elsewhere than at 0. */
  InputStream open(Path path, long start) throws IOException {
    FSDataInputStream in = path.getFileSystem(configuration).open(path);
    try {
      if (zstandard(path)) {
        return new CompressedStream(in, ZstdInputStreamNoFinalizer::new);
      }
      CompressionCodec codec = codecs.getCodec(path);
      if (codec != null && codec.getClass() == BZip2Codec.class) {
        return new CompressedStream(in, InputStreams::bzip2);
      }
      if (codec != null) {
        return new CompressedStream(in, codec::createInputStream);
      }
      in.seek(start);
      return in;
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  /** All streams of the file. Hadoop's own reader takes a file without any for an empty one. */
  private static InputStream bzip2(InputStream in) throws IOException {
    return new BZip2CompressorInputStream(new BufferedInputStream(in), true);
  }

  private static boolean zstandard(Path path) {
    return path.getName().toLowerCase(Locale.ROOT).endsWith(".zst");
  }
}
