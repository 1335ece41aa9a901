/** The shape of a model, as configurations and {@code config.json} files describe it. */
package io.shardfire.worker.model;
