package io.shardfire.driver.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;

/**
 * What one pass over a part gives.
 *
 * <p>Where Kryo is Spark's serializer, this travels in Java's form: Kryo 4 cannot write records.
 *
 * @param result measures
 * @param words counted meanwhile; none where they are not, or not yet
 */
@DefaultSerializer(JavaSerializer.class)
record PartScan(ScanResult result, PartWords words) implements Serializable {}
