// The one kernel: runs a whole command table in one launch.
//
//   commands, in phases:   | phase 0      | phase 1            | phase 2 …
//   tiles, one numbering:  | 0 1 2 3 4 5  | 6 7 8 9 10 11 12   | 13 …
//
// Every work-group (one work-item) takes the next tile number from a counter, waits until all tiles
// of the earlier phases are done, runs the tile and counts it. Tiles are taken in order, so the
// group that holds the lowest unfinished tile never waits: no deadlock with any number of threads.
//
// Control words at the start of the table, each on its own cache line, cleared by the host:
//   CONTROL_NEXT    next tile number
//   CONTROL_DONE    tiles done
//   CONTROL_MOVED   1 + the first arena that is not where the host's array is (its launch mark
//                   differs), or 0
//   CONTROL_LAUNCH  what to run: word of the first command, number of commands, launch mark
//   CONTROL_LANES   written by the device: the vector width it was compiled for
//   CONTROL_UNIT    written by a launch without commands: what computes products in bf16
//   CONTROL_MARKS   per arena, the index of its launch mark (behind its last usable float)

#define CONTROL_NEXT 12
#define CONTROL_DONE 28
#define CONTROL_MOVED 44
#define CONTROL_LAUNCH 60
#define CONTROL_LANES 63
#define CONTROL_UNIT 64
#define CONTROL_MARKS 65

// All groups find the same.
INLINE int moved_arena(const Command* command, const __global int* control, float mark) {
  for (int k = 0; k < ARENAS; k++) {
    if (command->arenas[k][control[CONTROL_MARKS + k]] != mark) {
      return 1 + k;
    }
  }
  return 0;
}

INLINE void run_tile(const Command* command, int tile, local_floats local_memory) {
  switch (command->words[0]) {
    case OPCODE_MATMUL_NN:
      matmul(command, tile, local_memory, LAYOUT_NN);
      break;
    case OPCODE_MATMUL_NT:
      matmul(command, tile, local_memory, LAYOUT_NT);
      break;
    case OPCODE_MATMUL_TN:
      matmul(command, tile, local_memory, LAYOUT_TN);
      break;
    case OPCODE_BF16_PACK:
      bf16_pack(command, tile);
      break;
    case OPCODE_BF16_MATMUL:
      bf16_matmul(command, tile, local_memory);
      break;
    case OPCODE_FP16_ROUND:
      fp16_round(command, tile);
      break;
    case OPCODE_ATTENTION_FORWARD:
      attention_forward(command, tile, local_memory);
      break;
    case OPCODE_ATTENTION_BACKWARD:
      attention_backward(command, tile, local_memory);
      break;
    case OPCODE_BF16_ATTENTION_FORWARD:
      bf16_attention_forward(command, tile, local_memory);
      break;
    case OPCODE_BF16_ATTENTION_BACKWARD:
      bf16_attention_backward(command, tile, local_memory);
      break;
    case OPCODE_ATTENTION_DECODE:
      attention_decode(command, tile, local_memory);
      break;
    case OPCODE_ATTENTION_WEIGHTS:
      attention_weights(command, tile, local_memory);
      break;
    case OPCODE_CACHE_APPEND:
      cache_append(command, tile);
      break;
    case OPCODE_CACHE_COPY:
      cache_copy(command, tile);
      break;
    case OPCODE_RELATIVE_BIAS_FORWARD:
      relative_bias_forward(command, tile);
      break;
    case OPCODE_RELATIVE_BIAS_BACKWARD:
      relative_bias_backward(command, tile, local_memory);
      break;
    case OPCODE_DROPOUT:
      dropout(command, tile);
      break;
    case OPCODE_LAYER_NORM_FORWARD:
      layer_norm_forward(command, tile);
      break;
    case OPCODE_LAYER_NORM_BACKWARD_INPUT:
      layer_norm_backward_input(command, tile);
      break;
    case OPCODE_LAYER_NORM_BACKWARD_PARAMETERS:
      layer_norm_backward_parameters(command, tile);
      break;
    case OPCODE_GELU_FORWARD:
      gelu_forward(command, tile);
      break;
    case OPCODE_GELU_BACKWARD:
      gelu_backward(command, tile);
      break;
    case OPCODE_COLUMN_SUM:
      column_sum(command, tile);
      break;
    case OPCODE_SQUARE_SUM:
      square_sum(command, tile);
      break;
    case OPCODE_EMBEDDING_FORWARD:
      embedding_forward(command, tile);
      break;
    case OPCODE_EMBEDDING_BACKWARD_TOKENS:
      embedding_backward_tokens(command, tile);
      break;
    case OPCODE_EMBEDDING_BACKWARD_POSITIONS:
      embedding_backward_positions(command, tile);
      break;
    case OPCODE_CROSS_ENTROPY_FORWARD:
      cross_entropy_forward(command, tile);
      break;
    case OPCODE_CROSS_ENTROPY_FORWARD_BACKWARD:
      cross_entropy_forward_backward(command, tile);
      break;
    case OPCODE_ADAMW:
      adamw(command, tile);
      break;
    case OPCODE_COPY:
      copy(command, tile);
      break;
    case OPCODE_FILL:
      fill(command, tile);
      break;
    case OPCODE_ADD:
      add(command, tile);
      break;
    case OPCODE_RMS_NORM_FORWARD:
      rms_norm_forward(command, tile);
      break;
    case OPCODE_RMS_NORM_BACKWARD_INPUT:
      rms_norm_backward_input(command, tile);
      break;
    case OPCODE_RMS_NORM_BACKWARD_WEIGHT:
      rms_norm_backward_weight(command, tile);
      break;
    case OPCODE_ACTIVATION:
      activation(command, tile);
      break;
    case OPCODE_GATED:
      gated(command, tile);
      break;
    case OPCODE_RECURRENT_FORWARD:
      recurrent_forward(command, tile);
      break;
    case OPCODE_RECURRENT_BACKWARD:
      recurrent_backward(command, tile);
      break;
    case OPCODE_RECURRENT_LOAD:
      recurrent_load(command, tile);
      break;
    case OPCODE_RECURRENT_STORE:
      recurrent_store(command, tile);
      break;
    case OPCODE_ROPE:
      rope(command, tile);
      break;
    case OPCODE_POSITION_ADD:
      position_add(command, tile);
      break;
    case OPCODE_SOFTMAX_FORWARD:
      softmax_forward(command, tile);
      break;
    case OPCODE_SOFTMAX_BACKWARD:
      softmax_backward(command, tile);
      break;
    case OPCODE_SGD:
      sgd(command, tile);
      break;
    case OPCODE_LION:
      lion(command, tile);
      break;
    case OPCODE_ADAFACTOR_ROWS:
      adafactor_rows(command, tile);
      break;
    case OPCODE_ADAFACTOR_COLUMNS:
      adafactor_columns(command, tile);
      break;
    case OPCODE_ADAFACTOR_MEAN:
      adafactor_mean(command, tile);
      break;
    case OPCODE_ADAFACTOR_NORMS:
      adafactor_norms(command, tile);
      break;
    case OPCODE_ADAFACTOR_TOTALS:
      adafactor_totals(command, tile);
      break;
    case OPCODE_ADAFACTOR_APPLY:
      adafactor_apply(command, tile);
      break;
    case OPCODE_SCALE:
      scale(command, tile);
      break;
    case OPCODE_FINITE_CHECK:
      finite_check(command, tile);
      break;
    case OPCODE_FINITE_CHECK_TOTAL:
      finite_check_total(command, tile);
      break;
    case OPCODE_TREE_SUM:
      tree_sum(command, tile);
      break;
    case OPCODE_HALF_PACK:
      half_pack(command, tile);
      break;
    case OPCODE_HALF_UNPACK:
      half_unpack(command, tile);
      break;
    case OPCODE_MATVEC_NN:
      matvec_nn(command, tile);
      break;
    case OPCODE_MATVEC_NT:
      matvec_nt(command, tile);
      break;
    case OPCODE_ROUND_ROWS:
      round_rows(command, tile);
      break;
    case OPCODE_INT8_MATVEC:
      quantized_matvec(command, tile, FORMAT_INT8);
      break;
    case OPCODE_INT4_MATVEC:
      quantized_matvec(command, tile, FORMAT_INT4);
      break;
    case OPCODE_DEQUANTIZE:
      dequantize(command, tile);
      break;
    case OPCODE_QUANTIZED_EMBEDDING:
      quantized_embedding(command, tile);
      break;
    case OPCODE_MULTIPLY_ADD_PEAK:
      multiply_add_peak(command, tile);
      break;
    case OPCODE_EXP_PEAK:
      exp_peak(command, tile);
      break;
  }
}

__attribute__((reqd_work_group_size(1, 1, 1))) __kernel void run_commands(
    ARENA_PARAMETERS, __global int* table) {
  __local float local_memory[LOCAL_FLOATS] __attribute__((aligned(64)));
  volatile __global int* next = table + CONTROL_NEXT;
  volatile __global int* done = table + CONTROL_DONE;
  Command command = {table + table[CONTROL_LAUNCH], ARENA_POINTERS};
  int commands = table[CONTROL_LAUNCH + 1];

  int moved = moved_arena(&command, table, (float)table[CONTROL_LAUNCH + 2]);
  if (moved) {
    table[CONTROL_MOVED] = moved;
    return;
  }
  table[CONTROL_LANES] = LANES;
  if (commands == 0) {
    table[CONTROL_UNIT] = find_unit();
    return;
  }
  const __global int* last = command.words + (commands - 1) * COMMAND_WORDS;
  int tiles = last[1] + last[2];
  for (;;) {
    int number = atomic_inc(next);
    if (number >= tiles) {
      break;
    }
    while (number >= command.words[1] + command.words[2]) {
      command.words += COMMAND_WORDS;
    }
    int needed = command.words[3];
    if (*done < needed) {
      while (atomic_add(done, 0) < needed) {
        for (volatile int pause = 0; pause < 20; pause++) {
        }
      }
    }
    mem_fence(CLK_GLOBAL_MEM_FENCE);
    run_tile(&command, number - command.words[1], local_memory);
    mem_fence(CLK_GLOBAL_MEM_FENCE);
    atomic_inc(done);
  }
}
