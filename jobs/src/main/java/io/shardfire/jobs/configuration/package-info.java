/**
 * Configuration: one YAML file and overrides become the records that the other modules own. Unknown
 * keys and wrong types are errors that name the line and what was probably meant.
 */
package io.shardfire.jobs.configuration;
