/**
 * Corpus preparation as Spark jobs: text in, a tokenizer and token shards out.
 *
 * <pre>
 *   input files, sorted by path                     &lt;output&gt;/
 *   │ cut into parts by bytes (CorpusFiles)           train-00000.tokens       parts in order, each
 *   ▼                                                 train-00001.tokens       part one or more shards
 *   SCAN      encoding, sizes, characters             ...
 *   COUNT     pre-tokens of the training text         validation-00000.tokens
 *   LEARN     merges, on the driver                   ...
 *   TOKENIZE  one task per part writes its shards     tokenizer.json           Hugging Face's format
 *   COMMIT    names, index, one rename                index.json               written last
 * </pre>
 *
 * <p>The layout of a shard and of index.json is drawn in {@link io.shardfire.worker.data}. Parts
 * depend on the input and the configuration only, so every cluster writes the same bytes. The text
 * never passes through the driver.
 */
package io.shardfire.driver.corpus;
