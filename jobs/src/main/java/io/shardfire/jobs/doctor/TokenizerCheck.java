package io.shardfire.jobs.doctor;

import io.shardfire.worker.tokenizer.ByteLevel;
import io.shardfire.worker.tokenizer.Tokenizer;
import io.shardfire.worker.tokenizer.TokenizerJson;
import java.util.Arrays;
import java.util.List;

/** The native library of the byte-level tokenizer: loads, and gives back what it was given. */
final class TokenizerCheck implements Check {
  private static final String SAMPLE = "naïve 日本 🙂";

  private static final String REMEDY =
      "The library is unpacked to a cache folder: check that ENGINE_CACHE_DIR or the home folder"
          + " can be written to and may hold executable files, and that the platform is Linux,"
          + " macOS or Windows on x86-64 or arm64";

  @Override
  public String name() {
    return "tokenizer";
  }

  @Override
  public List<Finding> run() {
    try (Tokenizer tokenizer =
        Tokenizer.fromJson(TokenizerJson.byteLevelBpe(ByteLevel.alphabet(), List.of()))) {
      int[] ids = tokenizer.encode(SAMPLE);
      String text = tokenizer.decode(ids);
      return List.of(
          text.equals(SAMPLE)
              ? Finding.ok("native library loads and round-trips text")
              : Finding.failed(
                  "round trip gives other text: ids=" + Arrays.toString(ids) + " text=" + text,
                  REMEDY));
    } catch (IllegalStateException | LinkageError e) {
      return List.of(Finding.failed(e.toString(), REMEDY));
    }
  }
}
