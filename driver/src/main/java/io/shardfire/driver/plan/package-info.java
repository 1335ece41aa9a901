/** What a pre-training run is asked to do, and the checks before anything is started. */
package io.shardfire.driver.plan;
