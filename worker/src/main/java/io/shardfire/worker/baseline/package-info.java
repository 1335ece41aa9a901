/** Models of token ids that need no device, to compare the trained ones with. */
package io.shardfire.worker.baseline;
