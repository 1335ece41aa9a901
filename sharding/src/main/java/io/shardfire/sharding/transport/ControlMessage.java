package io.shardfire.sharding.transport;

/** A rank's report to the driver: {@code kind} names the report, {@code json} holds it. */
public record ControlMessage(int generation, int rank, String kind, String json) {}
