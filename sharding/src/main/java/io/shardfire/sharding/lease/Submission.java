package io.shardfire.sharding.lease;

import java.util.Objects;

/**
 * What a user asked for once and a cluster manager may try several times. Every attempt has the
 * same id.
 *
 * @param id empty when nothing tells one attempt from another request
 * @param managed whether a cluster manager gave the id, which then starts an attempt only after it
 *     has ended the one before
 */
public record Submission(String id, boolean managed) {
  /** A request that is tried once. */
  public static final Submission NONE = new Submission("", false);

  /** Checks. */
  public Submission {
    Objects.requireNonNull(id, "id");
  }

  /** Whether the holder of a claim was an attempt of this submission. */
  boolean made(LeaseClaim claim) {
    return !id.isEmpty() && id.equals(claim.submission());
  }

  /** Whether the run that a claim is for was begun by an attempt of this submission. */
  public boolean began(LeaseClaim claim) {
    return !id.isEmpty() && id.equals(claim.begunBy());
  }
}
