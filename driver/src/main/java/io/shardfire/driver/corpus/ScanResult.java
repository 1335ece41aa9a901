package io.shardfire.driver.corpus;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.BitSet;

/**
 * What a scan found in one part.
 *
 * <p>Where Kryo is Spark's serializer, this travels in Java's form: Kryo 4 cannot write records.
 *
 * @param documents in the part
 * @param textBytes UTF-8 bytes of the documents, without separators
 * @param codePoints of the documents, with separators
 * @param characters the distinct code points, with those of the separator
 * @param failure why the scan ended early, or null
 */
@DefaultSerializer(JavaSerializer.class)
record ScanResult(
    long documents, long textBytes, long codePoints, BitSet characters, CorpusException failure)
    implements Serializable {}
