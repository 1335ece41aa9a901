package io.shardfire.sharding.lease;

import java.util.Optional;

/**
 * One generation of a folder.
 *
 * @param claim empty when its file is damaged or still being written
 * @param renewed when its owner was last alive, by the file system's clock, in milliseconds
 */
record LeaseEntry(long generation, Optional<LeaseClaim> claim, long renewed, boolean released) {}
