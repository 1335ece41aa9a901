package io.shardfire.driver.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.List;

/**
 * The shards that one task wrote.
 *
 * <p>Where Kryo is Spark's serializer, this travels in Java's form: Kryo 4 cannot write records.
 *
 * @param files those of one split in reading order
 * @param failure why the task ended early, in a way that no other attempt would escape; or null
 */
@DefaultSerializer(JavaSerializer.class)
record PartShards(List<ShardFile> files, CorpusException failure) implements Serializable {
  PartShards {
    files = List.copyOf(files);
  }
}
