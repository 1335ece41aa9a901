package io.shardfire.driver.launch;

import io.shardfire.driver.plan.ExecutorReport;
import io.shardfire.driver.plan.ExecutorReport.Finding;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.driver.plan.RankHeap;
import io.shardfire.driver.plan.RunFolder;
import io.shardfire.driver.plan.RunPlan;
import io.shardfire.kernels.device.ComputeDevice;
import io.shardfire.kernels.device.ComputeException;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.TokenIndex;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/**
 * A barrier stage of moments that looks, in every executor, for what only the executor can see: the
 * device, the data, the run folder. The driver's machine may have neither.
 */
final class ExecutorProbe extends AbstractFunction1<Iterator<Integer>, Iterator<ExecutorReport>>
    implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final String DEVICE_REMEDY =
      "Every executor needs a device; 'shardfire doctor' shows what a machine has";

  /** Bytes of heap that a device with memory of its own asks for. */
  private final long heapBesideDevice;

  private final String heapSetting;
  private final String device;
  private final String data;
  private final String run;

  /**
   * Looks for what a run needs.
   *
   * @param plan empty when problems keep it from being known
   */
  ExecutorProbe(PretrainConfiguration configuration, Optional<RunPlan> plan) {
    this.heapBesideDevice = plan.map(p -> p.heap().needed(p.memory(), true)).orElse(0L);
    this.heapSetting = plan.map(p -> p.heap().setting()).orElse("");
    this.device = configuration.device();
    this.data = configuration.data();
    this.run = configuration.run();
  }

  /** Runs the stage with as many tasks as there will be ranks. */
  List<ExecutorReport> run(JavaSparkContext spark, int ranks) {
    ClassTag<ExecutorReport> report = ClassTag$.MODULE$.apply(ExecutorReport.class);
    JavaRDD<Integer> seats = spark.parallelize(IntStream.range(0, ranks).boxed().toList(), ranks);
    return new JavaRDD<>(seats.rdd().barrier().mapPartitions(this, false, report), report)
        .collect();
  }

  @Override
  public Iterator<ExecutorReport> apply(Iterator<Integer> partition) {
    SparkEnv environment = SparkEnv.get();
    Configuration hadoop = SparkHadoopUtil.get().newConfiguration(environment.conf());
    ArrayList<Finding> problems = new ArrayList<>();
    String found = device(problems);
    readData(hadoop, problems);
    writeRun(hadoop, problems);
    ExecutorReport report =
        new ExecutorReport(
            environment.blockManager().blockManagerId().host(),
            environment.executorId(),
            ProcessHandle.current().pid(),
            Runtime.getRuntime().maxMemory(),
            found,
            problems);
    // All tasks at once: otherwise one executor could run several of them in turn.
    BarrierTaskContext.get().barrier();
    return CollectionConverters.asScala(List.of(report).iterator());
  }

  private String device(List<Finding> problems) {
    try {
      ComputeDevice found = ComputeDevice.select(device);
      if (found.type() != ComputeDevice.Type.CPU) {
        heapBeside(found, problems);
      }
      return found.name();
    } catch (ComputeException e) {
      // Its message names the selector and what to install or choose.
      problems.add(new Finding(e.getMessage(), DEVICE_REMEDY));
      return "";
    } catch (LinkageError e) {
      problems.add(new Finding("The OpenCL binding does not load: " + e, DEVICE_REMEDY));
      return "";
    }
  }

  private void heapBeside(ComputeDevice found, List<Finding> problems) {
    long heap = Runtime.getRuntime().maxMemory();
    if (heap < heapBesideDevice) {
      problems.add(
          new Finding(
              "The device has memory of its own, and the heap does not hold its side of the arrays"
                  + " too: device="
                  + found.name()
                  + ", needed="
                  + RankHeap.mebibytes(heapBesideDevice)
                  + " MiB, heap="
                  + RankHeap.mebibytes(heap)
                  + " MiB",
              "Raise "
                  + heapSetting
                  + " to "
                  + RankHeap.mebibytes(heapBesideDevice)
                  + "m, or lower training.microBatch"));
    }
  }

  private void readData(Configuration hadoop, List<Finding> problems) {
    try {
      TokenIndex.read(hadoop, new Path(data));
    } catch (DataException | IllegalArgumentException e) {
      problems.add(
          new Finding(
              "The prepared corpus cannot be read: data=" + data + ": " + e.getMessage(),
              "Put it on a file system that all executors share"));
    }
  }

  private void writeRun(Configuration hadoop, List<Finding> problems) {
    try {
      RunFolder.of(hadoop, run).probe();
    } catch (IOException | IllegalArgumentException e) {
      problems.add(
          new Finding(
              "The run folder cannot be written: run=" + run + ": " + e.getMessage(),
              "Set run to a folder on a file system that all executors share and may write"));
    }
  }
}
