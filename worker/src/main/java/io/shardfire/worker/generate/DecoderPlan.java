package io.shardfire.worker.generate;

import io.shardfire.kernels.device.OffsetAllocator;
import io.shardfire.worker.model.Gpt2Configuration;

/** Offsets of one token's activations and of all layers' caches [L, 2, T, D]. */
record DecoderPlan(
    int id,
    int position,
    int stream,
    int middle,
    int norm,
    int stats,
    int qkv,
    int attention,
    int hidden,
    int activated,
    int logits,
    int caches,
    long floats) {
  static DecoderPlan of(Gpt2Configuration model) {
    OffsetAllocator allocator = new OffsetAllocator();
    int width = model.width();
    int id = allocator.allocate("id", 1);
    int position = allocator.allocate("position", 1);
    int stream = allocator.allocate("stream", width);
    int middle = allocator.allocate("middle", width);
    int norm = allocator.allocate("norm", width);
    int stats = allocator.allocate("stats", 2);
    int qkv = allocator.allocate("qkv", 3L * width);
    int attention = allocator.allocate("attention", width);
    int hidden = allocator.allocate("hidden", 4L * width);
    int activated = allocator.allocate("activated", 4L * width);
    int logits = allocator.allocate("logits", model.vocabularySize());
    int caches =
        allocator.allocate("key and value caches", 2L * model.layers() * model.context() * width);
    return new DecoderPlan(
        id,
        position,
        stream,
        middle,
        norm,
        stats,
        qkv,
        attention,
        hidden,
        activated,
        logits,
        caches,
        allocator.size());
  }
}
