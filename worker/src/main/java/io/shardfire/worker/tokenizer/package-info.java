/**
 * Text to token ids and back, over Hugging Face {@code tokenizer.json} files of every kind. {@link
 * io.shardfire.worker.tokenizer.TokenizerJson} writes such files, {@link
 * io.shardfire.worker.tokenizer.Tokenizer} reads them; {@link
 * io.shardfire.worker.tokenizer.PreTokenizer} and {@link io.shardfire.worker.tokenizer.ByteLevel}
 * are what a trainer of byte-level BPE needs.
 */
package io.shardfire.worker.tokenizer;
