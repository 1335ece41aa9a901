package io.shardfire.jobs.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.shardfire.jobs.command.CommandException;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StartingFolderTest {
  @TempDir private Path folder;

  @Test
  void shouldNotLookAtAFolderWithoutNeed() {
    StartingFolder begins = new StartingFolder(new Configuration(), false);
    assertEquals("", begins.folder("", folder.toString()));
  }

  @Test
  void shouldNotLookAtWhatARunThatGoesOnBeganWith() throws IOException {
    SampleCheckpoint.write(folder.resolve("step-00000003"), 3);
    String run = folder.toString();
    assertEquals("", new StartingFolder(new Configuration(), true).folder("gone", run));
    assertThrows(
        CommandException.class,
        () -> new StartingFolder(new Configuration(), false).folder("gone", run));
  }

  @Test
  void shouldNameAFolderThatIsNoModel() {
    StartingFolder resumes = new StartingFolder(new Configuration(), true);
    String gone = folder.resolve("gone").toString();
    for (String run : new String[] {"", folder.toString()}) {
      CommandException e = assertThrows(CommandException.class, () -> resumes.folder(gone, run));
      assertTrue(e.getMessage().contains("model=" + gone), e.getMessage());
    }
  }
}
