package io.shardfire.jobs.doctor;

import io.shardfire.jobs.command.CompileNotice;
import io.shardfire.kernels.device.ComputeContext;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.ComputeException;
import io.shardfire.kernels.device.MissingDevice;
import io.shardfire.kernels.device.PoclCache;
import io.shardfire.kernels.selftest.CheckResult;
import io.shardfire.kernels.selftest.KernelSelfTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The OpenCL devices, the build of the kernels, and each kernel against its reference. */
final class OpenClCheck implements Check {
  private static final String INSTALL =
      "Install an OpenCL driver; Debian and Ubuntu: apt-get install pocl-opencl-icd"
          + " ocl-icd-libopencl1";

  private static final long MEBI = 1L << 20;

  @Override
  public String name() {
    return "opencl";
  }

  @Override
  public List<Finding> run() {
    List<Finding> findings = new ArrayList<>();
    try {
      List<ComputeDevice> devices = ComputeDevice.list();
      if (devices.isEmpty()) {
        MissingDevice why = MissingDevice.explain();
        return List.of(
            Finding.failed("no OpenCL device: " + why.evidence(), sentence(why.remedy())));
      }
      devices.forEach(device -> findings.add(Finding.ok(describe(device))));
      if (devices.stream().anyMatch(device -> PoclCache.isOf(device.version()))) {
        findings.add(Finding.ok("kernel cache of PoCL: " + PoclCache.ofThisProcess().folder()));
      }
      build(findings);
    } catch (ComputeException e) {
      findings.add(Finding.failed(e.getMessage(), "See the message; the driver may be broken"));
    } catch (UnsatisfiedLinkError e) {
      findings.add(Finding.failed("the OpenCL library does not load: " + e.getMessage(), INSTALL));
    }
    return findings;
  }

  private static void build(List<Finding> findings) {
    long started = System.nanoTime();
    ComputeContext context =
        CompileNotice.around(() -> ComputeContext.open(ComputeDevice.select("auto")));
    double seconds = Duration.ofNanos(System.nanoTime() - started).toMillis() / 1e3;
    findings.add(
        Finding.ok(
            String.format(
                Locale.ROOT,
                "kernels built and checked on %s in %.1f s",
                context.device().name(),
                seconds)));
    findings.add(Finding.ok("device record: " + context.record()));
    KernelSelfTest.run(context).forEach(result -> findings.add(describe(result)));
  }

  private static String sentence(String remedy) {
    return Character.toUpperCase(remedy.charAt(0)) + remedy.substring(1);
  }

  private static String describe(ComputeDevice device) {
    return String.format(
        Locale.ROOT,
        "device %d: %s %s, %s, %d compute units, %d MiB",
        device.index(),
        device.type(),
        device.name().strip(),
        device.version().strip(),
        device.computeUnits(),
        device.memoryBytes() / MEBI);
  }

  private static Finding describe(CheckResult result) {
    String text =
        String.format(
            Locale.ROOT,
            "error %7.1e of %7.1e: %s",
            result.maxError(),
            result.tolerance(),
            result.name());
    return result.ok()
        ? Finding.ok(text)
        : Finding.failed(text, "Do not train on this device; update its OpenCL driver");
  }
}
