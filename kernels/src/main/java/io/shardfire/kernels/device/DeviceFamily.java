package io.shardfire.kernels.device;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Processors for which a record of their own is shipped. */
enum DeviceFamily {
  /**
   * Of Intel, with AVX-512. Tuned on a Sapphire Rapids, which LLVM 14 takes for a Skylake where a
   * virtual machine hides its model.
   */
  INTEL_AVX512("skylake-avx512|icelake-server|sapphirerapids", "Intel"),

  /**
   * Of AMD, with AVX-512. Tuned on a Zen 5, which LLVM 15 does not know and names after the
   * instructions that it finds.
   */
  AMD_AVX512("skylake-avx512|znver4|znver5", "AMD"),

  /** Of AMD, with AVX2, to Zen 3. Tuned with vectors of 8 floats on a Zen 5. */
  AMD_AVX2("znver[123]", "AMD");

  private final Pattern processors;

  /**
   * @param processors LLVM's names, which PoCL puts into those of its devices, such as {@code
   *     pthread-sapphirerapids-Intel(R) Xeon(R) Platinum 8488C}
   * @param vendor what the processor's own name starts with, which follows: an LLVM that does not
   *     know a processor gives it the name of another vendor's
   */
  DeviceFamily(String processors, String vendor) {
    this.processors = Pattern.compile("-(" + processors + ")-" + vendor);
  }

  /** That of a device, if it has one. */
  static Optional<DeviceFamily> of(ComputeDevice device) {
    return device.type() == ComputeDevice.Type.CPU
        ? Arrays.stream(values())
            .filter(family -> family.processors.matcher(device.name()).find())
            .findFirst()
        : Optional.empty();
  }

  /** As in the name of its file. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
