// Operations whose elements do not depend on each other: both forms use one function of a tile. On a
// GPU a group takes a tile, and FOR_VECTORS gives neighbouring elements to neighbouring items.

#define TILE_KERNEL(name) \
  KERNEL(name) {          \
    BEGIN_KERNEL;         \
    FOR_PIECES(tile, command->words[2]) { name(command, (int)tile); } \
  }

TILE_KERNEL(copy)
TILE_KERNEL(fill)
TILE_KERNEL(add)
TILE_KERNEL(scale)
TILE_KERNEL(dropout)
TILE_KERNEL(gelu_forward)
TILE_KERNEL(gelu_backward)
TILE_KERNEL(activation)
TILE_KERNEL(gated)
TILE_KERNEL(recurrent_forward)
TILE_KERNEL(recurrent_backward)
TILE_KERNEL(recurrent_load)
TILE_KERNEL(recurrent_store)
TILE_KERNEL(embedding_forward)
TILE_KERNEL(dequantize)
TILE_KERNEL(quantized_embedding)
TILE_KERNEL(embedding_backward_tokens)
TILE_KERNEL(embedding_backward_positions)
TILE_KERNEL(position_add)
TILE_KERNEL(cache_append)
TILE_KERNEL(cache_copy)
TILE_KERNEL(tree_sum)
TILE_KERNEL(adamw)
TILE_KERNEL(sgd)
TILE_KERNEL(lion)
TILE_KERNEL(adafactor_apply)
