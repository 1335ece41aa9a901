package io.shardfire.jobs.doctor;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** Runs checks and prints one line per finding. */
public final class DoctorReport {
  private final PrintWriter out;

  /** Prints to a stream. */
  public DoctorReport(PrintWriter out) {
    this.out = out;
  }

  /** Runs all checks in order, also after a failure; the number of failed findings. */
  public int run(List<Check> checks) {
    int failures = 0;
    for (Check check : checks) {
      String name = check.name();
      for (Finding finding : check.run()) {
        out.println(
            String.format(
                Locale.ROOT, "%-10s %-4s %s", name, finding.ok() ? "ok" : "FAIL", finding.text()));
        if (!finding.ok()) {
          out.println(String.format(Locale.ROOT, "%-10s      -> %s", "", finding.remedy()));
          failures++;
        }
        out.flush();
        name = "";
      }
    }
    return failures;
  }
}
