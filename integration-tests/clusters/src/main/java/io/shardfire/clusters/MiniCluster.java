package io.shardfire.clusters;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;

/**
 * HDFS (a NameNode, two DataNodes) and YARN (a ResourceManager, two NodeManagers) in this process,
 * until it is killed.
 *
 * <pre>
 * java ... MiniCluster FOLDER
 *
 *   FOLDER/data/   what the clusters keep, and the logs of containers
 *   FOLDER/conf/   a HADOOP_CONF_DIR; READY in it, once both take requests
 * </pre>
 */
public final class MiniCluster {
  /** Of each NodeManager, and so of the largest container. */
  private static final int NODE_MIB = 4096;

  /** What a client must know, and only the running cluster does. */
  private static final List<String> ADDRESSES =
      List.of(
          YarnConfiguration.RM_ADDRESS,
          YarnConfiguration.RM_SCHEDULER_ADDRESS,
          YarnConfiguration.RM_WEBAPP_ADDRESS,
          YarnConfiguration.RM_HOSTNAME);

  private MiniCluster() {}

  /** Starts and stays. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]).toAbsolutePath();
    Path data = folder.resolve("data");
    System.setProperty("test.build.data", data.toString());
    System.setProperty("hadoop.log.dir", data.resolve("log").toString());
    String files = startHdfs(data.resolve("dfs").toFile());
    Configuration yarn = startYarn(files);
    write(folder.resolve("conf"), files, yarn);
    Thread.currentThread().join();
  }

  private static String startHdfs(File folder) throws IOException {
    Configuration settings = new HdfsConfiguration();
    settings.set("dfs.replication", "2");
    MiniDFSCluster hdfs = new MiniDFSCluster.Builder(settings, folder).numDataNodes(2).build();
    hdfs.waitActive();
    return hdfs.getFileSystem().getUri().toString();
  }

  private static Configuration startYarn(String files) throws Exception {
    YarnConfiguration settings = new YarnConfiguration();
    settings.set("fs.defaultFS", files);
    // The mini cluster ignores the key without its prefix, and checks no container's memory unless
    // it is told that others control that.
    settings.setInt("yarn.minicluster." + YarnConfiguration.NM_PMEM_MB, NODE_MIB);
    settings.setBoolean("yarn.minicluster.control-resource-monitoring", true);
    settings.setBoolean(YarnConfiguration.NM_PMEM_CHECK_ENABLED, true);
    settings.setBoolean(YarnConfiguration.NM_VMEM_CHECK_ENABLED, false);
    settings.setInt(YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB, 256);
    settings.setInt(YarnConfiguration.RM_SCHEDULER_MAXIMUM_ALLOCATION_MB, NODE_MIB);
    settings.set(
        YarnConfiguration.RM_SCHEDULER,
        "org.apache.hadoop.yarn.server.resourcemanager.scheduler.fifo.FifoScheduler");
    settings.setBoolean(YarnConfiguration.NM_DISK_HEALTH_CHECK_ENABLE, false);
    settings.setInt(YarnConfiguration.DEBUG_NM_DELETE_DELAY_SEC, 3600);
    MiniYARNCluster yarn = new MiniYARNCluster("mini", 1, 2, 1, 1);
    yarn.init(settings);
    yarn.start();
    if (!yarn.waitForNodeManagersToConnect(60_000)) {
      throw new IllegalStateException("The NodeManagers have not connected within 60 seconds");
    }
    return yarn.getConfig();
  }

  private static void write(Path folder, String files, Configuration yarn) throws IOException {
    Files.createDirectories(folder);
    Configuration core = new Configuration(false);
    core.set("fs.defaultFS", files);
    write(folder.resolve("core-site.xml"), core);
    Configuration site = new Configuration(false);
    ADDRESSES.forEach(key -> site.set(key, yarn.get(key)));
    site.set(YarnConfiguration.YARN_APPLICATION_CLASSPATH, "");
    write(folder.resolve("yarn-site.xml"), site);
    Configuration hdfs = new Configuration(false);
    hdfs.set("dfs.replication", "2");
    write(folder.resolve("hdfs-site.xml"), hdfs);
    Files.createFile(folder.resolve("READY"));
  }

  private static void write(Path file, Configuration configuration) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      configuration.writeXml(out);
    }
  }
}
