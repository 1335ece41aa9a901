package io.shardfire.sharding.lease;

/** The run folder belongs to another driver, or to a later generation of ranks, by now. */
public final class LeaseLostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Names the new holder. */
  public LeaseLostException(String message) {
    super(message);
  }

  static LeaseLostException of(LeaseFolder folder, LeaseTicket mine, LeaseEntry newest) {
    String stopped =
        newest.claim().map(claim -> claim.owner().equals(mine.owner())).orElse(false)
            ? "The run has gone on without these ranks, which have stopped writing: "
            : "The run folder was taken over, so this run has stopped writing into it: ";
    String remedy =
        ". Let one run use a folder at a time: give this one another folder, or end the other and"
            + " go on with --resume";
    return new LeaseLostException(
        stopped
            + "run="
            + folder.run()
            + ", own generation="
            + mine.generation()
            + ", new generation="
            + newest.generation()
            + newest
                .claim()
                .map(
                    claim ->
                        ", new holder="
                            + claim.holder()
                            + ", since="
                            + claim.since()
                            + ", run id="
                            + claim.runId())
                .orElse(", new holder=unknown")
            + remedy);
  }
}
