package io.shardfire.sharding.transport;

import java.util.HashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.network.util.ConfigProvider;
import org.apache.spark.network.util.TransportConf;

/**
 * Hands the application's Spark settings to Spark's transport, with our own defaults below them.
 */
final class TransportSettings extends ConfigProvider {
  private static final String MODULE = "shardfire";

  private final Map<String, String> values;

  private TransportSettings(Map<String, String> values) {
    this.values = values;
  }

  static TransportConf of(NetworkConfiguration configuration) {
    Map<String, String> values = new HashMap<>();
    // Two threads a side: decoding is memory-bound and shares the cores with the kernels.
    values.put("spark." + MODULE + ".io.serverThreads", "2");
    values.put("spark." + MODULE + ".io.clientThreads", "2");
    // Whole seconds, rounded up: the transport takes 0 for "no limit".
    long seconds = configuration.timeout().plusMillis(999).toSeconds();
    values.put("spark." + MODULE + ".io.connectionCreationTimeout", seconds + "s");
    // A peer may take as long as our own deadline to answer; only then is a connection idle.
    values.put("spark." + MODULE + ".io.connectionTimeout", (seconds + 60) + "s");
    values.putAll(configuration.sparkProperties());
    // Both ends run this program: a handshake that fails is no reason to try an older one.
    values.put("spark.network.crypto.saslFallback", "false");
    return new TransportConf(MODULE, new TransportSettings(values));
  }

  @Override
  public String get(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new NoSuchElementException(name);
    }
    return value;
  }

  @Override
  public Iterable<Map.Entry<String, String>> getAll() {
    return values.entrySet();
  }
}
