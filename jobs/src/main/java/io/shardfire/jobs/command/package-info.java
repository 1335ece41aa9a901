/** What all commands share: running, exit codes, error messages, version. */
package io.shardfire.jobs.command;
