/**
 * Corpus preparation as Spark jobs: text in, a tokenizer and token shards out.
 *
 * <pre>
 *   input files, sorted by path                     &lt;output&gt;/
 *   │ cut into parts by bytes (CorpusFiles)           train-00000.tokens       parts in order, each
 *   ▼                                                 train-00001.tokens       part one or more shards
 *   SCAN      encoding, sizes, characters, words      ...
 *   COUNT     adds up the words of all parts          validation-00000.tokens
 *   LEARN     merges, on the driver                   ...
 *   TOKENIZE  one task per part writes its shards     tokenizer.json           Hugging Face's format
 *   COMMIT    names, index, one rename                index.json               written last
 * </pre>
 *
 * <p>Words are the pre-tokens that byte-level BPE merges within. SCAN counts those of the training
 * text where the split follows from each document alone; where it follows from the size of the
 * whole text, COUNT reads the text again. TOKENIZE reads it once more.
 *
 * <p>The layout of a shard and of index.json is drawn in {@link io.shardfire.worker.data}. Parts
 * depend on the input and the configuration only, so every cluster writes the same bytes. The text
 * never passes through the driver, and no task holds more of it than a document: its memory, and
 * the driver's, is bounded by {@link io.shardfire.driver.corpus.WordCounting#LARGEST_PART} and
 * {@link io.shardfire.driver.corpus.WordCounting#LARGEST_CORPUS} distinct words.
 */
package io.shardfire.driver.corpus;
