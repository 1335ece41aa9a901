package io.shardfire.sharding.lease;

/** The run folder belongs to a driver that still works. */
public final class LeaseHeldException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  /** Names the holder and what to do. */
  public LeaseHeldException(Refusal refusal) {
    super(refusal.finding() + ". " + refusal.remedy());
    this.refusal = refusal;
  }

  /** The same in its parts. */
  public Refusal refusal() {
    return refusal;
  }

  /**
   * Why a folder cannot be had.
   *
   * @param finding whose it is, with the values as name=value
   * @param remedy what to do
   */
  public record Refusal(String finding, String remedy) {}
}
