package io.shardfire.driver.corpus;

import java.io.Serializable;
import java.util.BitSet;

/**
 * What a scan found in one part.
 *
 * @param documents in the part
 * @param textBytes UTF-8 bytes of the documents, without separators
 * @param codePoints of the documents, with separators
 * @param characters the distinct code points, with those of the separator
 * @param failure why the scan ended early, or null
 */
record ScanResult(
    long documents,
    long textBytes,
    long codePoints,
    BitSet characters,
    MalformedDocumentException failure)
    implements Serializable {}
