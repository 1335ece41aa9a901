package io.shardfire.driver.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

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
    List<Tuple2<CorpusPart, Seq<String>>> located =
        parts.stream()
            .map(part -> new Tuple2<>(part, CollectionConverters.asScala(part.hosts()).toSeq()))
            .toList();
    ClassTag<CorpusPart> type = ClassTag$.MODULE$.apply(CorpusPart.class);
    return spark.sc().makeRDD(CollectionConverters.asScala(located).toSeq(), type).toJavaRDD();
  }
}
