package io.shardfire.kernels.device;

/**
 * How operations are written for a device. Both forms compute the same operations from the same
 * commands, to the same error bounds but not to the same bits.
 */
public enum KernelForm {
  /**
   * One work-item per thread pulls tiles and works on vectors; one launch runs a whole command
   * buffer; host and device share the arenas.
   */
  CPU(1),

  /**
   * Groups of many work-items, one element each at a time; one launch per command; the device has
   * memory of its own, so the host uploads and downloads what it touches.
   */
  GPU(256);

  /** Forces a form: {@code gpu} runs the GPU forms on a CPU device too, slowly, to verify them. */
  static final String PROPERTY = "shardfire.kernels.form";

  private final int groupItems;

  KernelForm(int groupItems) {
    this.groupItems = groupItems;
  }

  /** Work-items of a group: {@code GROUP_ITEMS} in {@code gpu/work_group.cl}. */
  public int groupItems() {
    return groupItems;
  }

  /**
   * The form for a device: that of its type, unless the system property {@value #PROPERTY} says
   * {@code cpu} or {@code gpu}.
   *
   * @throws ComputeException when the property says something else, or {@code cpu} for a device
   *     that does not share its memory
   */
  static KernelForm of(ComputeDevice device) {
    return of(device, System.getProperty(PROPERTY));
  }

  static KernelForm of(ComputeDevice device, String forced) {
    KernelForm own = device.type() == ComputeDevice.Type.CPU ? CPU : GPU;
    if (forced == null || forced.equals("gpu")) {
      return forced == null ? own : GPU;
    }
    if (forced.equals("cpu") && own == CPU) {
      return CPU;
    }
    throw new ComputeException(
        "The form of the kernels must be cpu (on CPU devices) or gpu: "
            + PROPERTY
            + "="
            + forced
            + ", device="
            + device.index()
            + ":"
            + device.type()
            + " "
            + device.name());
  }
}
