/** The model in plain Java and double precision: the oracle of the recorded model. */
package io.shardfire.worker.model.reference;
