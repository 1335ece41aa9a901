package io.shardfire.kernels.device;

/**
 * Verifies a freshly built context before it is handed out. Implementations are found by {@link
 * java.util.ServiceLoader}, so that this package need not know the operations it is checked with.
 */
public interface ContextCheck {
  /**
   * Returns normally when the kernels are sound.
   *
   * @throws ComputeException naming what is wrong
   */
  void verify(ComputeContext context);
}
