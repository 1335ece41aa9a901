/**
 * The oracle of the recorded models: forward passes in plain Java and double precision, whose
 * gradients follow mechanically from a tape. It shares no line with the backward passes it judges.
 */
package io.shardfire.worker.reference;
