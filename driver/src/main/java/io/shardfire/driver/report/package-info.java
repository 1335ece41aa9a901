/** What ranks tell the driver while they train. */
package io.shardfire.driver.report;
