package io.shardfire.worker.resume;

/**
 * Why a run does not continue a checkpoint.
 *
 * @param finding what is wrong, with the values as name=value
 * @param remedy what to set, or to give
 */
public record Refusal(String finding, String remedy) {
  @Override
  public String toString() {
    return finding + ". " + remedy;
  }
}
