/**
 * Generation from a model folder. A {@link io.shardfire.worker.generate.DecodingSession} computes
 * logits of sequences side by side; what chooses tokens, by drawing or by beam search, knows
 * nothing else of the model.
 *
 * <pre>
 * Generator ─► SamplingLoop ─► SampledSequence ─► TokenSampler ─► Candidates
 *     │    └─► SearchLoop ───► BeamSearch
 *     └─► DecodingSession: Decoder
 * </pre>
 */
package io.shardfire.worker.generate;
