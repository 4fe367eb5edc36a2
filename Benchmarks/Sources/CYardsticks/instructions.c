// Requests to callgrind, which are a few instructions without effect outside of it.
#include "yardsticks.h"

#if __has_include(<valgrind/callgrind.h>)

#include <valgrind/callgrind.h>

void yardstick_count_instructions(void) { CALLGRIND_ZERO_STATS; }
void yardstick_dump_instructions(const char *name) { CALLGRIND_DUMP_STATS_AT(name); }
int yardstick_is_simulated(void) { return RUNNING_ON_VALGRIND; }

#else

void yardstick_count_instructions(void) {}
void yardstick_dump_instructions(const char *name) { (void)name; }
int yardstick_is_simulated(void) { return 0; }

#endif
