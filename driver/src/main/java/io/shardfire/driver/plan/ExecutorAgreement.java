package io.shardfire.driver.plan;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** Whether executors compute the same bits. Replicas on executors that do not would drift apart. */
final class ExecutorAgreement {
  /** Each of these alone decides about bits. */
  private static final List<Aspect> DECIDING =
      List.of(
          new Aspect(
              "build",
              ComputeIdentity::build,
              "Give all executors the same jar; look for one in spark.executor.extraClassPath"),
          new Aspect(
              "form",
              ComputeIdentity::form,
              "Set device=cpu or device=gpu, or -Dshardfire.kernels.form=cpu in"
                  + " spark.executor.extraJavaOptions"),
          new Aspect(
              "lanes",
              identity -> Integer.toString(identity.lanes()),
              "Add -Dshardfire.kernels.lanes=8 to spark.executor.extraJavaOptions"));

  /** What may explain a fingerprint that differs although all of the above are equal. */
  private static final List<Aspect> EXPLAINING =
      List.of(
          new Aspect("driver", ComputeIdentity::driver, "Install one driver version on all hosts"),
          new Aspect(
              "device", ComputeIdentity::device, "Run on executors whose processors are alike"),
          new Aspect(
              "instructions",
              ComputeIdentity::instructions,
              "Run on executors whose processors are alike"),
          new Aspect("java", ComputeIdentity::java, "Run one Java version everywhere"));

  private ExecutorAgreement() {}

  private record Aspect(String name, Function<ComputeIdentity, String> value, String remedy) {
    boolean differs(List<ExecutorReport> reports) {
      return reports.stream().map(ExecutorReport::compute).map(value).distinct().count() > 1;
    }

    /** Every value, with the executors that have it. */
    String values(List<ExecutorReport> reports) {
      Map<String, List<String>> places = new TreeMap<>();
      for (ExecutorReport report : reports) {
        places
            .computeIfAbsent(value.apply(report.compute()), unused -> new ArrayList<>())
            .add(report.place());
      }
      List<String> texts = new ArrayList<>();
      places.forEach(
          (found, where) ->
              texts.add(name + "=" + found + " on executor " + String.join(", ", where)));
      return String.join(", ", texts);
    }
  }

  /** Executors without a device are left out; that is a problem of its own. */
  static List<Problem> problems(List<ExecutorReport> all) {
    List<ExecutorReport> reports = all.stream().filter(r -> r.compute().computes()).toList();
    Aspect fingerprint = new Aspect("fingerprint", ComputeIdentity::fingerprint, "");
    List<Aspect> differing =
        new ArrayList<>(DECIDING.stream().filter(aspect -> aspect.differs(reports)).toList());
    Set<String> remedies = new LinkedHashSet<>();
    if (differing.isEmpty() && fingerprint.differs(reports)) {
      differing.add(fingerprint);
      EXPLAINING.stream().filter(aspect -> aspect.differs(reports)).forEach(differing::add);
      if (differing.size() == 1) {
        remedies.add("Run 'shardfire doctor' on these hosts: one of them may compute wrongly");
      }
    }
    if (differing.isEmpty()) {
      return List.of();
    }
    differing.stream().map(Aspect::remedy).filter(text -> !text.isEmpty()).forEach(remedies::add);
    return List.of(
        new Problem(
            "The executors do not compute the same bits: "
                + String.join("; ", differing.stream().map(a -> a.values(reports)).toList()),
            String.join(". ", remedies)));
  }
}
