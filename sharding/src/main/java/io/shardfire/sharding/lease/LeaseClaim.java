package io.shardfire.sharding.lease;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Objects;

/**
 * The content of {@code generation-00000007.json}:
 *
 * <pre>
 *   {"formatVersion": 1, "generation": 7, "runId": "5f0c…", "begunBy": "nightly-12",
 *    "owner": "b1d9…", "submission": "nightly-12",
 *    "holder": {"user": …, "host": …, "machine": …, "process": …, "started": …, "application": …,
 *               "attempt": …},
 *    "since": "2026-01-02T03:04:05Z", "periodSeconds": 60}
 * </pre>
 *
 * @param generation counts the claims of a folder, from 1
 * @param runId of the run that the folder holds; random, made when the run begins and kept by all
 *     that go on with it; empty while none has begun
 * @param begunBy id of the submission that began this run, or empty
 * @param owner random, of the driver's run
 * @param submission id of what the driver is an attempt of, or empty
 * @param since when the claim was made, by the holder's clock; for people
 * @param periodSeconds the holder is given up when it has not renewed its lease for so long
 */
public record LeaseClaim(
    int formatVersion,
    long generation,
    String runId,
    String begunBy,
    String owner,
    String submission,
    LeaseHolder holder,
    String since,
    int periodSeconds) {
  /** The version that is written and read here. */
  public static final int VERSION = 1;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  /** Checks. */
  public LeaseClaim {
    Objects.requireNonNull(runId, "runId");
    Objects.requireNonNull(begunBy, "begunBy");
    Objects.requireNonNull(owner, "owner");
    Objects.requireNonNull(submission, "submission");
    Objects.requireNonNull(holder, "holder");
    Objects.requireNonNull(since, "since");
    if (formatVersion < 1 || generation < 1 || periodSeconds < 1) {
      throw new IllegalArgumentException(
          "Not a claim: formatVersion="
              + formatVersion
              + ", generation="
              + generation
              + ", periodSeconds="
              + periodSeconds);
    }
  }

  /** The same owner's next claim. */
  LeaseClaim next(String run, String begunBySubmission, String now) {
    return new LeaseClaim(
        formatVersion,
        generation + 1,
        run,
        begunBySubmission,
        owner,
        submission,
        holder,
        now,
        periodSeconds);
  }

  LeaseTicket ticket() {
    return new LeaseTicket(runId, owner, generation);
  }

  /** As JSON. */
  String json() {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A claim cannot be written as JSON", e);
    }
  }

  /** Parses. @throws JsonProcessingException when it is not a whole claim */
  static LeaseClaim parse(String json) throws JsonProcessingException {
    return JSON.readValue(json, LeaseClaim.class);
  }
}
