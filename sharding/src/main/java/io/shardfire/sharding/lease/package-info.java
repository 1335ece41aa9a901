/**
 * Who owns a run folder. One driver at a time writes checkpoints into it, and one that has lost it
 * stops.
 *
 * <p>Ownership is a sequence of generations. Each is claimed by creating a file that nobody changes
 * afterwards, and the newest generation owns the folder; so no file is written by two processes,
 * and a process that was away for long finds out from the list of files alone:
 *
 * <pre>
 *   &lt;run&gt;/lease/
 *       generation-00000007.json       who claimed generation 7, and for which run
 *       generation-00000007.renewed    its modification time says when the owner was last alive
 *       generation-00000007.released   the owner has ended
 * </pre>
 *
 * <p>A driver claims a generation when it begins, and another one for every restart of its ranks.
 * What that promises, with look, create and read back as the steps of a claim:
 *
 * <ul>
 *   <li>Where creating a file that exists already fails (local disks, HDFS, s3a where it has
 *       conditional writes), exactly one of several claims of a generation succeeds.
 *   <li>Elsewhere a claim waits for {@link io.shardfire.sharding.lease.RunLease#SETTLE} and reads
 *       back. Exactly one succeeds if every create follows its look within that time. A create that
 *       was slower takes the generation from its first owner, which finds out before its next
 *       commit and stops.
 *   <li>Everywhere, before each commit rank 0 looks whether its generation is still the newest. An
 *       owner that was paused between that look and the commit can still commit what it had
 *       finished; its manifest then names its run, and no other run goes on from it.
 * </ul>
 *
 * <p>Whether an owner is alive is told by the file system's clock alone, by comparing modification
 * times, so that clocks which differ between hosts do no harm.
 */
package io.shardfire.sharding.lease;
