/**
 * The models that transformers are compared with, estimated by Spark from the same token shards: an
 * n-gram with modified Kneser-Ney smoothing and a hidden Markov model.
 */
package io.shardfire.driver.baseline;
