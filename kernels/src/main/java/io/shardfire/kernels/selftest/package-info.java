/** The start-up check of every kernel against its plain-Java reference. */
package io.shardfire.kernels.selftest;
