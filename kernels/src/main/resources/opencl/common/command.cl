// One entry of the command table, as the Java recorder writes it:
//
//   word   0         1            2       3                          4 …
//        +---------+------------+-------+--------------------------+-----------------------+
//        | opcode  | first tile | tiles | tiles that must be done  | arguments             |
//        +---------+------------+-------+--------------------------+-----------------------+
//
// Arguments are 32-bit words. A span takes two, (arena, offset), and arena -1 stands for an absent
// span; an int takes one; a float takes one, as its bits.
//
// The host defines ARENAS, how many arenas a kernel takes, ARENA_PARAMETERS, which declares them, and
// ARENA_POINTERS, which lists them.

#define COMMAND_WORDS 64
#define HEADER_WORDS 4

typedef struct {
  const __global int* words;
  global_floats arenas[ARENAS];
} Command;

INLINE global_floats span_argument(const Command* command, int word) {
  int arena = command->words[HEADER_WORDS + word];
  return arena < 0 ? (global_floats)0
                   : command->arenas[arena] + command->words[HEADER_WORDS + word + 1];
}

#define SPAN(word) span_argument(command, (word))
#define INT(word) (command->words[HEADER_WORDS + (word)])
#define FLOAT(word) as_float(command->words[HEADER_WORDS + (word)])
