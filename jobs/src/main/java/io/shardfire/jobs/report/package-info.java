/** A report of how right and how fast a device computes. */
package io.shardfire.jobs.report;
