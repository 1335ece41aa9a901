package io.shardfire.driver.launch;

import io.shardfire.driver.plan.EmbeddedMaster;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The Spark settings a session that trains must have.
 *
 * <p>One rank fills one executor: it takes all the executor's cores as one task, so that PoCL's
 * threads and the rank's arenas have the process for themselves.
 */
public final class SparkSettings {
  private static final Pattern COLLECTOR = Pattern.compile("-XX:\\+Use\\w+GC\\b");
  private static final String LARGE_PAGES = "UseTransparentHugePages";

  private SparkSettings() {}

  /**
   * Completes the settings that a user gave, {@code spark.master} among them, with the ones that
   * training needs. What the user set is kept, also where the preflight checks will then object,
   * but for {@code spark.executor.extraJavaOptions}, to which the choices of the garbage collector
   * and of large pages are appended.
   */
  public static SortedMap<String, String> complete(Map<String, String> given) {
    SortedMap<String, String> settings = new TreeMap<>(given);
    String master = given.getOrDefault("spark.master", "");
    EmbeddedMaster.parse(master).ifPresent(embedded -> addEmbedded(settings, embedded));
    // Barrier stages are refused under dynamic allocation, and a speculative copy of a rank would
    // be a second rank with the same number.
    settings.putIfAbsent("spark.dynamicAllocation.enabled", "false");
    settings.putIfAbsent("spark.speculation", "false");
    // Without these the barrier stage may be offered before all executors are there, and Spark
    // looks again only after 15 seconds.
    settings.putIfAbsent("spark.scheduler.minRegisteredResourcesRatio", "1.0");
    settings.putIfAbsent("spark.scheduler.maxRegisteredResourcesWaitingTime", "120s");
    settings.putIfAbsent("spark.barrier.sync.timeout", "300s");
    // A rank that does not end when its stage is cancelled must not live beside its successor.
    settings.putIfAbsent("spark.task.reaper.enabled", "true");
    settings.putIfAbsent("spark.task.reaper.killTimeout", "60s");
    if (!isInProcess(master)) {
      if (EmbeddedMaster.parse(master).isEmpty()) {
        addExecutorEnvironment(settings, master);
      }
      addOneRankPerExecutor(settings);
      String key = "spark.executor.extraJavaOptions";
      settings.put(key, javaOptions(settings.getOrDefault(key, "")));
    }
    return settings;
  }

  /**
   * With the collector that leaves arrays where they are, and large pages for the arrays where
   * Linux gives them to whoever asks, unless the user has chosen.
   */
  private static String javaOptions(String theirs) {
    String collector = COLLECTOR.matcher(theirs).find() ? "" : " -XX:+UseG1GC";
    String pages = theirs.contains(LARGE_PAGES) ? "" : " -XX:+" + LARGE_PAGES;
    return (theirs + collector + pages).strip();
  }

  /** All ranks are threads of this process: {@code local}, {@code local[4]}, {@code local[*]}. */
  private static boolean isInProcess(String master) {
    return master.equals("local") || master.startsWith("local[");
  }

  /** Executors of this machine inherit the environment of this process. */
  private static void addExecutorEnvironment(SortedMap<String, String> settings, String master) {
    // What the names of files are encoded in. Containers often start without a locale.
    settings.putIfAbsent("spark.executorEnv.LC_ALL", "C.UTF-8");
    if (master.startsWith("yarn")) {
      // Containers have no home folder that could be written to, where PoCL would keep compiled
      // kernels, without which it offers no device; the folder they run in they can write to.
      settings.putIfAbsent("spark.executorEnv.POCL_CACHE_DIR", "./pocl-cache");
    }
  }

  private static void addEmbedded(SortedMap<String, String> settings, EmbeddedMaster embedded) {
    settings.putIfAbsent("spark.executor.cores", Integer.toString(embedded.cores()));
    settings.putIfAbsent("spark.executor.memory", embedded.memoryMib() + "m");
    settings.putIfAbsent("spark.ui.enabled", "false");
    // Spark names an application by the second in which it began, and the folder that its executors
    // work in by that: those of another process may not be the same.
    settings.putIfAbsent(
        "spark.deploy.appIdPattern", "app-%s-%04d-" + ProcessHandle.current().pid());
    if (embedded.executors() == 1) {
      // PoCL pins its thread i to core i. That keeps the threads of one process apart, and would
      // put those of several processes on the same cores.
      settings.putIfAbsent("spark.executorEnv.POCL_AFFINITY", "1");
    }
  }

  private static void addOneRankPerExecutor(SortedMap<String, String> settings) {
    String gpus = settings.get("spark.executor.resource.gpu.amount");
    if (gpus != null) {
      // Spark assigns to a task only what the task asks for.
      settings.putIfAbsent("spark.task.resource.gpu.amount", gpus);
    }
    String cores = settings.get("spark.executor.cores");
    if (cores == null) {
      return;
    }
    settings.putIfAbsent("spark.task.cpus", cores);
    settings.putIfAbsent("spark.executorEnv.POCL_MAX_PTHREAD_COUNT", cores);
  }
}
