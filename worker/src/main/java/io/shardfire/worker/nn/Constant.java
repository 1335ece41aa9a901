package io.shardfire.worker.nn;

import io.shardfire.kernels.device.Span;
import io.shardfire.worker.program.Value;
import java.util.function.Consumer;

/**
 * A table that the host fills once, before the first pass.
 *
 * @param value pinned
 * @param content fills and uploads it
 */
public record Constant(Value value, Consumer<Span> content) {}
