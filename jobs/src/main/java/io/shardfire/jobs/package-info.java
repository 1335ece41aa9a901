/** See the module description. */
package io.shardfire.jobs;
