package io.shardfire.worker.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shardfire.sharding.checkpoint.PlainFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The provenance.json of a prepared corpus, and of the checkpoints of what is trained on it: where
 * the text came from and what was done to it.
 *
 * <pre>
 *   { "formatVersion": 1,
 *     "settings": { "prepare.where": "...", ... },            as written; secrets by their names only
 *     "sources":  [ { "name", "format", "input", "options", "columns", "where", "weight", "sql",
 *                     "schema", "files": { "count", "bytes", "sha256", "first": [...] } } ],
 *     "counts":   [ { "source", "rows", "filtered", "blank", "exactDuplicates", ... } ] }
 * </pre>
 *
 * @param text of the file
 * @param content the same
 */
public record CorpusProvenanceFile(String text, JsonNode content) {
  /** Its name. */
  public static final String NAME = "provenance.json";

  /** The version that is written. */
  public static final int VERSION = 1;

  private static final int LARGEST = 1 << 26;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The settings that it was made with, by key, as they were written. */
  public Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>();
    content
        .path("settings")
        .properties()
        .forEach(setting -> settings.put(setting.getKey(), setting.getValue().asText()));
    return settings;
  }

  /**
   * Reads it; empty in a folder without, as corpora of earlier versions are.
   *
   * @throws DataException when it is damaged or cannot be read
   */
  public static Optional<CorpusProvenanceFile> read(Configuration configuration, Path folder) {
    Path path = new Path(folder, NAME);
    try {
      String text =
          PlainFiles.readText(PlainFiles.fileSystem(configuration, folder), path, LARGEST);
      return Optional.of(new CorpusProvenanceFile(text, JSON.readTree(text)));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      throw new DataException(
          "Provenance of a corpus is damaged: file=" + path + ", problem=" + e.getOriginalMessage(),
          e);
    } catch (IOException e) {
      throw new DataException(
          "Provenance of a corpus cannot be read: file=" + path + ", problem=" + e.getMessage(), e);
    }
  }
}
