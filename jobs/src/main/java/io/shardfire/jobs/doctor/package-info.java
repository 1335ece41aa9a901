/** Checks that this machine can run jobs; each says what to do when it fails. */
package io.shardfire.jobs.doctor;
