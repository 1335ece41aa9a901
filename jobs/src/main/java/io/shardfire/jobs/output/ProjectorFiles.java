package io.shardfire.jobs.output;

import io.shardfire.worker.inspect.TokenVectors;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Token vectors as TensorBoard's projector reads them.
 *
 * <pre>
 *   vectors.tsv             a line per token: its D numbers, a tab between two
 *   metadata.tsv            a head, then a line per token: label, id
 *   projector_config.pbtxt  names the other two
 * </pre>
 */
public final class ProjectorFiles {
  private static final String VECTORS = "vectors.tsv";
  private static final String METADATA = "metadata.tsv";

  private ProjectorFiles() {}

  /** Writes all vectors into a folder, which is made; files of these names are replaced. */
  public static void write(TokenVectors vectors, Path folder) throws IOException {
    Files.createDirectories(folder);
    try (BufferedWriter values = Files.newBufferedWriter(folder.resolve(VECTORS));
        BufferedWriter labels = Files.newBufferedWriter(folder.resolve(METADATA))) {
      labels.write("token\tid\n");
      for (int id = 0; id < vectors.count(); id++) {
        for (int dim = 0; dim < vectors.width(); dim++) {
          values.write(dim == 0 ? "" : "\t");
          values.write(Float.toString(vectors.value(id, dim)));
        }
        values.write("\n");
        labels.write(VisibleText.of(vectors.label(id)) + "\t" + id + "\n");
      }
    }
    Files.writeString(
        folder.resolve("projector_config.pbtxt"),
        """
        embeddings {
          tensor_name: "tokens"
          tensor_path: "%s"
          metadata_path: "%s"
        }
        """
            .formatted(VECTORS, METADATA));
  }
}
