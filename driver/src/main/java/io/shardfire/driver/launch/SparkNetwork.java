package io.shardfire.driver.launch;

import io.shardfire.driver.plan.ClusterConfiguration;
import io.shardfire.sharding.transport.NetworkConfiguration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import scala.Tuple2;

/** The ranks' network, as the application's own Spark settings describe it. */
final class SparkNetwork {
  private static final String SECRET = "spark.authenticate.secret";

  private static final List<String> PREFIXES =
      List.of("spark.network.", "spark.authenticate", "spark.shardfire.");

  private SparkNetwork() {}

  /** For a rank: listens on and announces the host that its executor announced to Spark. */
  static NetworkConfiguration ofExecutor(SparkEnv environment, ClusterConfiguration cluster) {
    return configuration(environment, environment.blockManager().blockManagerId().host(), cluster);
  }

  /** For the driver: listens on {@code spark.driver.bindAddress}. */
  static NetworkConfiguration ofDriver(SparkEnv environment, ClusterConfiguration cluster) {
    SparkConf conf = environment.conf();
    return configuration(
        environment, conf.get("spark.driver.bindAddress", driverHost(environment)), cluster);
  }

  /** The host under which the executors reach the driver. */
  static String driverHost(SparkEnv environment) {
    return environment.conf().get("spark.driver.host");
  }

  private static NetworkConfiguration configuration(
      SparkEnv environment, String bindHost, ClusterConfiguration cluster) {
    boolean authenticated = environment.securityManager().isAuthenticationEnabled();
    return new NetworkConfiguration(
        bindHost,
        properties(environment.conf()),
        authenticated ? environment.securityManager().getSecretKey() : null,
        cluster.networkTimeout(),
        cluster.chunkBytes(),
        cluster.sharedMemory(),
        cluster.portRange());
  }

  /** The settings the transport reads: network, authentication, encryption; never the secret. */
  static Map<String, String> properties(SparkConf conf) {
    Map<String, String> properties = new TreeMap<>();
    for (Tuple2<String, String> setting : conf.getAll()) {
      String key = setting._1();
      if (PREFIXES.stream().anyMatch(key::startsWith) && !key.startsWith(SECRET)) {
        properties.put(key, setting._2());
      }
    }
    return properties;
  }
}
