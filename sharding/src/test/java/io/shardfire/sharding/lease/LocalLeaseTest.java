package io.shardfire.sharding.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of a lease on a real disk. */
class LocalLeaseTest {
  private static final LeaseHolder HOLDER = new LeaseHolder("ann", "host", "", 1, 1, "", "");

  @TempDir Path run;

  private LeaseFolder folder() throws IOException {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(run.toUri());
    return LeaseFolder.of(FileSystem.get(path.toUri(), new Configuration(false)), path);
  }

  private static LeaseClaim claim(String owner) {
    return new LeaseClaim(1, 1, "run-a", "", owner, "", HOLDER, "2026-01-02T03:04:05Z", 60);
  }

  @Test
  void shouldLetOneOfManyClaimAGeneration() throws Exception {
    assertTrue(folder().claimsAtomically());
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int round = 1; round <= 50; round++) {
        LeaseFolder folder = folder();
        List<Callable<Boolean>> claims = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          LeaseClaim claim = claim("owner-" + i);
          claims.add(() -> folder.claim(claim));
        }
        int won = 0;
        for (Future<Boolean> claim : threads.invokeAll(claims)) {
          won += claim.get() ? 1 : 0;
        }
        assertEquals(1, won);
        Files.delete(run.resolve("lease/generation-00000001.json"));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void shouldWriteWhatPeopleCanRead() throws IOException {
    assertTrue(folder().claim(claim("owner-a")));
    assertFalse(folder().claim(claim("owner-b")));
    folder().renew(1, "2026-01-02T03:04:20Z");

    assertEquals(
        """
        {
          "formatVersion" : 1,
          "generation" : 1,
          "runId" : "run-a",
          "begunBy" : "",
          "owner" : "owner-a",
          "submission" : "",
          "holder" : {
            "user" : "ann",
            "host" : "host",
            "machine" : "",
            "process" : 1,
            "started" : 1,
            "application" : "",
            "attempt" : ""
          },
          "since" : "2026-01-02T03:04:05Z",
          "periodSeconds" : 60
        }
        """,
        Files.readString(run.resolve("lease/generation-00000001.json")));
    assertEquals(
        "2026-01-02T03:04:20Z\n",
        Files.readString(run.resolve("lease/generation-00000001.renewed")));
    assertFalse(folder().newest().orElseThrow().released());
  }

  @Test
  void shouldTellTheTimeByTheFileSystem() throws IOException {
    folder().claim(claim("owner-a"));
    long renewed = folder().newest().orElseThrow().renewed();

    long age = folder().now() - renewed;

    assertTrue(age >= 0 && age < 60_000, "age=" + age);
    assertEquals(List.of("generation-00000001.json"), names());
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(run.resolve("lease"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
