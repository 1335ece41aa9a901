package io.shardfire.jobs.doctor;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/** Java 17 or newer with the G1 collector, which leaves the large arena arrays where they are. */
final class JavaCheck implements Check {
  private static final int MINIMUM_FEATURE = 17;

  @Override
  public String name() {
    return "java";
  }

  @Override
  public List<Finding> run() {
    return List.of(version(Runtime.version().feature()), collector());
  }

  static Finding version(int feature) {
    String text = System.getProperty("java.vendor") + " " + Runtime.version();
    return feature >= MINIMUM_FEATURE
        ? Finding.ok(text)
        : Finding.failed(text, "Install Java " + MINIMUM_FEATURE + " or newer and set JAVA_HOME");
  }

  private static Finding collector() {
    return collector(
        ManagementFactory.getGarbageCollectorMXBeans().stream()
            .map(GarbageCollectorMXBean::getName)
            .toList());
  }

  static Finding collector(List<String> collectors) {
    String text = "garbage collector " + String.join(", ", collectors);
    return collectors.stream().anyMatch(name -> name.startsWith("G1"))
        ? Finding.ok(text)
        : Finding.failed(text, "Run with -XX:+UseG1GC: other collectors move the device's arrays");
  }
}
