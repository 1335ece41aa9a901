/**
 * What a resumed run must have in common with the run that wrote the checkpoint: the class of every
 * setting ({@link io.shardfire.worker.resume.SettingClasses}), the settings that a checkpoint
 * records, and the comparison that the driver makes before the start and every rank before it reads
 * the checkpoint.
 */
package io.shardfire.worker.resume;
