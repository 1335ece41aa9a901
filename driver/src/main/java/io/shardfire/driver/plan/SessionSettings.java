package io.shardfire.driver.plan;

import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import scala.Tuple2;

/** The settings of a Spark session as the checks read them. */
public final class SessionSettings {
  private SessionSettings() {}

  /** A copy, by key. */
  public static SortedMap<String, String> of(SparkConf conf) {
    SortedMap<String, String> settings = new TreeMap<>();
    for (Tuple2<String, String> setting : conf.getAll()) {
      settings.put(setting._1(), setting._2());
    }
    return settings;
  }
}
