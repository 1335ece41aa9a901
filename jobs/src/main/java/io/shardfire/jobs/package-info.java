/**
 * One main class per job: {@link io.shardfire.jobs.Shardfire} offers them as commands, and each
 * runs on its own under {@code spark-submit --class}. They turn options and configuration files
 * into the records of the other modules, and hold no logic of training.
 */
package io.shardfire.jobs;
