package io.shardfire.worker.program;

/**
 * Where an operation puts its part of a gradient.
 *
 * @param adds whether other parts are there already, to which it is added
 */
public record Contribution(Value target, boolean adds) {}
