package io.shardfire.driver.plan;

import java.io.Serializable;

/**
 * How an executor computes. Two executors compute the same bits when build, form, lanes and
 * fingerprint are equal; the rest says why a fingerprint differs.
 *
 * @param device its name; empty when there is none
 * @param driver the OpenCL platform's version, compiler included
 * @param ownMemory whether the device does not share the heap's arrays
 * @param form of the kernels: {@code cpu} or {@code gpu}
 * @param lanes floats of one vector, as the kernels were compiled
 * @param unit what computes products in bf16: vectors, pairs or tiles; no bit depends on it
 * @param record sizes that fit the device; they change no bit
 * @param instructions vector instruction sets of the processor
 * @param java version of the virtual machine
 * @param build version of Shardfire
 * @param fingerprint of the results of a small training; empty when the kernels do not run
 */
public record ComputeIdentity(
    String device,
    String driver,
    boolean ownMemory,
    String form,
    int lanes,
    String unit,
    String record,
    String instructions,
    String java,
    String build,
    String fingerprint)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Where nothing computes. */
  public static final ComputeIdentity NONE =
      new ComputeIdentity("", "", false, "", 0, "", "", "", "", "", "");

  /** Whether kernels run there at all. */
  public boolean computes() {
    return !fingerprint.isEmpty();
  }
}
