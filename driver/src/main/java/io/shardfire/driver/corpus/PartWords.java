package io.shardfire.driver.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.List;

/**
 * The counted words of one part, divided by their hashes.
 *
 * <p>Where Kryo is Spark's serializer, this travels in Java's form: Kryo 4 cannot write records.
 *
 * @param buckets each as {@link WordTally} writes it; as many for every part, or none where nothing
 *     was counted
 */
@DefaultSerializer(JavaSerializer.class)
record PartWords(List<byte[]> buckets) implements Serializable {
  static final PartWords NONE = new PartWords(List.of());

  PartWords {
    buckets = List.copyOf(buckets);
  }
}
