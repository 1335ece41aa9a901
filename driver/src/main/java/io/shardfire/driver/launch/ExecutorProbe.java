package io.shardfire.driver.launch;

import io.shardfire.driver.plan.ComputeIdentity;
import io.shardfire.driver.plan.ExecutorReport;
import io.shardfire.driver.plan.ExecutorReport.Finding;
import io.shardfire.driver.plan.PretrainConfiguration;
import io.shardfire.driver.plan.RunFolder;
import io.shardfire.kernels.device.ComputeException;
import io.shardfire.worker.data.DataException;
import io.shardfire.worker.data.TokenIndex;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import scala.collection.Iterator;
import scala.collection.Iterator$;
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

  private final String device;
  private final String data;
  private final String run;

  /** Looks for what a run needs. */
  ExecutorProbe(PretrainConfiguration configuration) {
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
    ComputeIdentity compute = compute(problems);
    readData(hadoop, problems);
    writeRun(hadoop, problems);
    ExecutorReport report =
        new ExecutorReport(
            environment.blockManager().blockManagerId().host(),
            environment.executorId(),
            ProcessHandle.current().pid(),
            Runtime.getRuntime().maxMemory(),
            BarrierTaskContext.get().cpus(),
            compute,
            problems);
    // All tasks at once: otherwise one executor could run several of them in turn.
    BarrierTaskContext.get().barrier();
    return Iterator$.MODULE$.single(report);
  }

  private ComputeIdentity compute(List<Finding> problems) {
    try {
      return ExecutorIdentity.of(
          AssignedDevice.select(device, BarrierTaskContext.get().resourcesJMap()));
    } catch (ComputeException e) {
      // Its message names the selector and what to install or choose.
      problems.add(new Finding(e.getMessage(), DEVICE_REMEDY));
    } catch (LinkageError e) {
      problems.add(new Finding("The OpenCL binding does not load: " + e, DEVICE_REMEDY));
    }
    return ComputeIdentity.NONE;
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
