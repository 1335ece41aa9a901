/** What jobs print. */
package io.shardfire.jobs.output;
