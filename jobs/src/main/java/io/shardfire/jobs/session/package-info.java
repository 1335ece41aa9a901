/** How jobs get at Spark: under spark-submit, or started by themselves. */
package io.shardfire.jobs.session;
