package io.shardfire.driver.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many clusters have Kryo as their default serializer; it has its own ideas about records. */
class KryoSerializedPreparationTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(SplitMode.class)
  void shouldPrepare(SplitMode split) throws IOException {
    Path input = Files.writeString(folder.resolve("a.txt"), "low lower\nnewest\nwidest\n");
    try (SparkSession session =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
            .getOrCreate()) {
      PrepareReport report =
          CorpusPreparation.run(
              session,
              PrepareConfiguration.builder(List.of(input.toString()), folder + "/out")
                  .vocabularySize(260)
                  .validationFraction(0.3)
                  .split(split)
                  .bytesPerTask(8)
                  .build(),
              PrepareListener.silent());

      assertEquals(3, report.documents());
    }
  }
}
