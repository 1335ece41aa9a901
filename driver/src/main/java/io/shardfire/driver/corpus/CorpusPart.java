package io.shardfire.driver.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The work of one task: neighbouring slices, in reading order.
 *
 * <p>Where Kryo is Spark's serializer, this travels in Java's form: Kryo 4 cannot write records.
 *
 * @param index position in reading order, from 0
 * @param slices in reading order
 * @param hosts that store the beginning of the part; empty where that is not known
 */
@DefaultSerializer(JavaSerializer.class)
record CorpusPart(int index, List<CorpusSlice> slices, List<String> hosts) implements Serializable {
  CorpusPart {
    slices = List.copyOf(slices);
    hosts = List.copyOf(hosts);
  }

  /** The parts as the elements of an RDD, one task each, near their data where that is known. */
  static JavaRDD<CorpusPart> distribute(List<CorpusPart> parts, JavaSparkContext spark) {
    return LocatedRdd.of(spark, parts, CorpusPart::hosts, CorpusPart.class);
  }
}
