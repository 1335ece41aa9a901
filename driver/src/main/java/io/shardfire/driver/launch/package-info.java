/** One long-lived barrier stage per generation: settings, rank tasks, and the job around them. */
package io.shardfire.driver.launch;
