/** Tokenizers over Hugging Face tokenizer.json. */
package io.shardfire.worker.tokenizer;
