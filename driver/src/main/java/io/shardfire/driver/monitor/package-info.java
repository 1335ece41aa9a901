/** What people see of a run: the console and the metrics files. */
package io.shardfire.driver.monitor;
