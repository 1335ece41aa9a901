package io.shardfire.driver.corpus;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.shardfire.driver.source.FileSnapshot;
import io.shardfire.driver.source.SourceCounts;
import io.shardfire.driver.source.SourceSnapshot;
import io.shardfire.driver.source.StagedDocuments;
import io.shardfire.worker.data.CorpusProvenanceFile;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a corpus was made: the provenance.json of its folder, of which every checkpoint has a copy.
 *
 * @param formatVersion of the file
 * @param settings as they were written; without secrets
 * @param sources as they were when they were read
 * @param counts of their rows; empty where files of text were read
 */
record CorpusProvenance(
    int formatVersion,
    SortedMap<String, String> settings,
    List<SourceSnapshot> sources,
    List<SourceCounts> counts) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** Of rows. */
  static CorpusProvenance of(PrepareConfiguration settings, StagedDocuments staged) {
    return new CorpusProvenance(
        CorpusProvenanceFile.VERSION,
        new TreeMap<>(settings.written()),
        staged.sources(),
        staged.counts());
  }

  /** Of files of text. */
  static CorpusProvenance of(PrepareConfiguration settings, InputFiles input) {
    SourceSnapshot files =
        new SourceSnapshot(
            "input",
            "",
            settings.input(),
            Map.of(),
            Map.of(),
            "",
            0,
            "",
            "",
            FileSnapshot.of(input.read()));
    return new CorpusProvenance(
        CorpusProvenanceFile.VERSION, new TreeMap<>(settings.written()), List.of(files), List.of());
  }

  /** The text of the file. */
  String json() {
    try {
      return JSON.writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write " + this, e);
    }
  }
}
