package io.shardfire.driver.corpus;

import java.io.Serializable;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * How tasks read the corpus.
 *
 * @param hadoop the driver's Hadoop configuration
 * @param documents what a document is
 * @param jsonField the field that holds the text
 * @param separator what follows each document's text
 */
record CorpusSource(
    Broadcast<SerializableConfiguration> hadoop,
    DocumentMode documents,
    String jsonField,
    String separator)
    implements Serializable {
  /** Reads a part's documents, in order, within a task; ends early when the task is cancelled. */
  void read(CorpusPart part, DocumentReader.Sink sink) {
    TaskContext task = TaskContext.get();
    new DocumentReader(documents, jsonField, hadoop.value().value())
        .read(
            part,
            document -> {
              task.killTaskIfInterrupted();
              sink.accept(document);
            });
  }

  /** The document's code points, separator (which is ASCII) included. */
  long codePoints(Document document) {
    long text = document.text().codePointCount(0, document.text().length());
    long target =
        document.isPair() ? document.target().codePointCount(0, document.target().length()) : 0;
    return text + target + separator.length();
  }
}
