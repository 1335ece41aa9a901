/** Models, forward and backward by hand over the kernels. */
package io.shardfire.worker.model;
