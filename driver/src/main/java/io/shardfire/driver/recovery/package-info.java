/** Which failure came first, and what to do about it. */
package io.shardfire.driver.recovery;
