/** Whole runs of the built distribution: real launcher, real executor processes, real files. */
package io.shardfire.integration;
