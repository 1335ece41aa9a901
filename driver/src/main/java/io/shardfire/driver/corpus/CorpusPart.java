package io.shardfire.driver.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.List;

/**
 * The work of one task: neighbouring slices, in reading order.
 *
 * <p>Where Kryo is Spark's serializer, this travels in Java's form: Kryo 4 cannot write records.
 *
 * @param index position in reading order, from 0
 * @param slices in reading order
 * @param bytes stored bytes of the slices
 */
@DefaultSerializer(JavaSerializer.class)
record CorpusPart(int index, List<CorpusSlice> slices, long bytes) implements Serializable {
  CorpusPart {
    slices = List.copyOf(slices);
  }
}
