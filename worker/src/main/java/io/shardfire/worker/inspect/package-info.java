/**
 * What is inside a trained model: its losses at short and long contexts, its token vectors, its
 * attention.
 */
package io.shardfire.worker.inspect;
