package io.shardfire.worker.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Creates tokenizers of the native library, which travels inside its jar. The library is told, once
 * per JVM and before its first use, to stay offline (it would otherwise look for CUDA builds of
 * itself and call a telemetry service), and where to unpack its native code. Settings that the user
 * has made are kept. The native code goes below the home folder, or where that is not writable into
 * a temporary folder of this JVM, which is deleted at its end. Several JVMs may unpack into one
 * folder: each unpacks into a folder of its own and moves it into place.
 */
final class NativeTokenizers {
  /** No cut at 512 tokens, no padding, no special tokens added. */
  private static final Map<String, String> PLAIN =
      Map.of(
          "truncation", "do_not_truncate",
          "padding", "do_not_pad",
          "addSpecialTokens", "false");

  /** Where the library is unpacked for this JVM only; null where it stays for the next one. */
  private static final Path TEMPORARY_FOLDER;

  static {
    setUnlessSet("ai.djl.offline", "DJL_OFFLINE", "true");
    setUnlessSet("OPT_OUT_TRACKING", "OPT_OUT_TRACKING", "true");
    TEMPORARY_FOLDER = homeIsWritable() ? null : temporaryFolder();
    Path cache =
        TEMPORARY_FOLDER == null ? home().resolve(".cache").resolve("shardfire") : TEMPORARY_FOLDER;
    setUnlessSet("ENGINE_CACHE_DIR", "ENGINE_CACHE_DIR", cache.toString());
  }

  private NativeTokenizers() {}

  static HuggingFaceTokenizer create(String json) {
    try {
      HuggingFaceTokenizer tokenizer =
          HuggingFaceTokenizer.newInstance(
              new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), PLAIN);
      deleteTemporaryFolderOnExit();
      return tokenizer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (UnsatisfiedLinkError e) {
      throw new IllegalStateException(
          "The native tokenizer library cannot be loaded: os="
              + System.getProperty("os.name")
              + ", arch="
              + System.getProperty("os.arch")
              + ", folder="
              + System.getProperty("ENGINE_CACHE_DIR")
              + "; the folder must be writable and allow execution, set the system property"
              + " ENGINE_CACHE_DIR to choose another",
          e);
    }
  }

  private static void setUnlessSet(String property, String variable, String value) {
    if (System.getProperty(property) == null && System.getenv(variable) == null) {
      System.setProperty(property, value);
    }
  }

  private static Path home() {
    return Path.of(System.getProperty("user.home"));
  }

  private static boolean homeIsWritable() {
    return home().isAbsolute() && Files.isWritable(home());
  }

  /** A folder that no other user can write to, since code is loaded from it. */
  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("shardfire-native");
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Nowhere to unpack the native tokenizer library: user.home="
              + home()
              + ", java.io.tmpdir="
              + System.getProperty("java.io.tmpdir")
              + "; make one of them writable",
          e);
    }
  }

  /** Marks what is there now; children are deleted before their folders. */
  private static synchronized void deleteTemporaryFolderOnExit() throws IOException {
    if (TEMPORARY_FOLDER != null) {
      try (Stream<Path> paths = Files.walk(TEMPORARY_FOLDER)) {
        paths.forEach(path -> path.toFile().deleteOnExit());
      }
    }
  }
}
