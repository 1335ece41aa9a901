package io.shardfire.jobs.session;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** A checkpoint of one document, with its manifest. */
public final class SampleCheckpoint {
  private static final String CONTENT = "{ \"n_layer\": 1 }";

  private SampleCheckpoint() {}

  /** Writes into a folder of any name. */
  public static void write(Path folder, long step) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), CONTENT);
    Files.writeString(
        folder.resolve("manifest.json"),
        String.format(
            Locale.ROOT,
            """
            {"formatVersion": 1, "step": %d, "files": [
              {"name": "config.json", "bytes": %d, "sha256": "%s"}]}
            """,
            step,
            CONTENT.length(),
            sha256()));
  }

  private static String sha256() {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(CONTENT.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
