// What every GPU form begins with: the kernel's signature, its command, sums over a work-group.
//
// Each opcode has a kernel run_<its name in lower case>, launched alone. A launch has a fixed number of
// groups of GROUP_ITEMS work-items, enough to fill the device; how many must not show in the result:
//
//   FOR_ELEMENTS   item i of all takes elements i, i + items, i + 2 items …: coalesced
//   FOR_PIECES     group g takes pieces (rows, tiles) g, g + groups, g + 2 groups …
//
// LANES is 1 here: the vector functions of common/ work on one float, and LOAD and STORE on one
// element. Local memory is declared in the kernel itself; functions take pointers to it.

#define GROUP_ITEMS 256

#define KERNEL_ARGUMENTS ARENA_PARAMETERS, __global int *table

#define KERNEL_OF __attribute__((reqd_work_group_size(GROUP_ITEMS, 1, 1))) __kernel void

#define KERNEL(name) KERNEL_OF run_##name(KERNEL_ARGUMENTS, int entry)

// Counts a launch where the host finds it: see staging.cl.
#define CONTROL_LAUNCHED 12
#define LAUNCHED_MODULUS 1048576
#define COUNT_LAUNCH                                                                    \
  if (get_global_id(0) == 0) {                                                          \
    table[CONTROL_LAUNCHED] = (table[CONTROL_LAUNCHED] + 1) & (LAUNCHED_MODULUS - 1);   \
  }

// The first line of a kernel: SPAN, INT and FLOAT read its arguments afterwards.
#define BEGIN_KERNEL                                  \
  const Command kernel_command = {table + entry, ARENA_POINTERS}; \
  const Command* command = &kernel_command;           \
  COUNT_LAUNCH

#define ITEM ((int)get_local_id(0))
#define GROUP ((int)get_group_id(0))
#define GROUPS ((int)get_num_groups(0))

#define FOR_ELEMENTS(i, count) \
  for (long i = get_global_id(0); i < (count); i += get_global_size(0))

#define FOR_PIECES(piece, count) for (long piece = GROUP; piece < (count); piece += GROUPS)

#define LOCAL_BARRIER barrier(CLK_LOCAL_MEM_FENCE)

// Where an item overwrites what another one has read in an arena, or reads what it has written.
#define GLOBAL_BARRIER barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)

// One value made of every item's, in a fixed order, for all items. scratch holds GROUP_ITEMS values
// and may be used again at once.
#define DEFINE_OF_GROUP(NAME, TYPE, OP)                           \
  INLINE TYPE NAME(TYPE value, __local TYPE* scratch) {           \
    scratch[ITEM] = value;                                        \
    LOCAL_BARRIER;                                                \
    for (int step = GROUP_ITEMS / 2; step > 0; step /= 2) {       \
      if (ITEM < step) {                                          \
        scratch[ITEM] = OP(scratch[ITEM], scratch[ITEM + step]);  \
      }                                                           \
      LOCAL_BARRIER;                                              \
    }                                                             \
    TYPE joined = scratch[0];                                     \
    LOCAL_BARRIER;                                                \
    return joined;                                                \
  }

#define SUM_OF_TWO(a, b) ((a) + (b))

DEFINE_OF_GROUP(group_sum, float, SUM_OF_TWO)
DEFINE_OF_GROUP(group_sum_double, double, SUM_OF_TWO)
DEFINE_OF_GROUP(group_max, float, fmax)
