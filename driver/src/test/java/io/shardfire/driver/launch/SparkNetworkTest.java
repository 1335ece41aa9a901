package io.shardfire.driver.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class SparkNetworkTest {
  @Test
  void shouldPassOnNetworkAndEncryptionButNeverTheSecret() {
    SparkConf conf =
        new SparkConf(false)
            .set("spark.authenticate", "true")
            .set("spark.authenticate.secret", "hush")
            .set("spark.authenticate.secret.file", "/hush")
            .set("spark.authenticate.enableSaslEncryption", "true")
            .set("spark.network.crypto.enabled", "true")
            .set("spark.shardfire.io.serverThreads", "2")
            .set("spark.app.name", "x");

    assertEquals(
        Map.of(
            "spark.authenticate", "true",
            "spark.authenticate.enableSaslEncryption", "true",
            "spark.network.crypto.enabled", "true",
            "spark.shardfire.io.serverThreads", "2"),
        SparkNetwork.properties(conf));
  }
}
