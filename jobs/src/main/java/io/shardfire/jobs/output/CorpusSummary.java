package io.shardfire.jobs.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.shardfire.worker.data.CorpusProvenanceFile;
import io.shardfire.worker.data.TokenIndex;
import io.shardfire.worker.data.TokenSplit;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What a prepared corpus says of itself.
 *
 * @param provenance null in JSON where the corpus does not have it
 */
public record CorpusSummary(String folder, TokenIndex index, JsonNode provenance) {
  /** Reads the files that say it, and no ids. */
  public static CorpusSummary read(Configuration hadoop, String folder) {
    Path path = new Path(folder);
    TokenIndex index = TokenIndex.read(hadoop, path);
    Optional<CorpusProvenanceFile> provenance = CorpusProvenanceFile.read(hadoop, path);
    return new CorpusSummary(
        folder,
        index,
        provenance.map(CorpusProvenanceFile::content).orElse(NullNode.getInstance()));
  }

  /** Prints it. */
  public void print(PrintWriter out) {
    line(out, "corpus", "%s", folder);
    line(out, "source", "%s", index.source());
    line(out, "tokenizer", "%s, %,d tokens", index.tokenizer(), index.vocabularySize());
    for (TokenSplit split : TokenSplit.values()) {
      line(
          out,
          split.name().toLowerCase(Locale.ROOT),
          "%,d tokens, %,d documents",
          index.tokens(split),
          index.documents(split));
    }
    if (!provenance.isNull()) {
      out.printf(Locale.ROOT, "%n%s%n%s%n", CorpusProvenanceFile.NAME, provenance.toPrettyString());
    }
    out.flush();
  }

  private static void line(PrintWriter out, String label, String format, Object... values) {
    out.println(
        String.format(Locale.ROOT, "%-11s %s", label, String.format(Locale.ROOT, format, values)));
  }
}
