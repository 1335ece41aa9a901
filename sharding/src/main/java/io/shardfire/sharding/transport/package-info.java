/**
 * Ranks and driver over Spark's transport.
 *
 * <p>Between two ranks there is one connection each way. The rank that opened it sends messages,
 * the other answers each with an acknowledgement or the reason for refusing it:
 *
 * <pre>
 *   rank 0                                   rank 1
 *     | --- JoinGroup -----------------------&gt; |   once per connection
 *     | &lt;-- ReceiverReady (wants 5000 floats) - |   on rank 1's own connection
 *     | --- GradientShard chunk 0 ------------&gt; |   at most four without an acknowledgement
 *     | --- GradientShard chunk 1 ------------&gt; |
 * </pre>
 *
 * <p>Ranks at the same address share memory for the chunks, unless traffic is encrypted. The
 * messages are the same, but lie in slots that the receiver reads, and only their places travel:
 *
 * <pre>
 *     | --- OfferSegment (name) -------------&gt; |   once, after joining; refused if it cannot be opened
 *     | --- ShardInSegment (slot, bytes) ----&gt; |   its answer frees the slot
 * </pre>
 *
 * <p>Before the receiver has joined the same group, a message is at most 8 KiB, and few are kept:
 * it does not know yet whose they are. See {@link io.shardfire.sharding.transport.NewcomerLimits}
 * and, for the handlers of a connection, {@link io.shardfire.sharding.transport.Pipelines}.
 *
 * <p>Floats are sent only to a rank that has asked for them, so they are always copied straight to
 * their place, and a slow rank costs no memory elsewhere. A refused or damaged message fails its
 * collective on both sides. A connection that ends fails whatever still needs it.
 */
package io.shardfire.sharding.transport;
