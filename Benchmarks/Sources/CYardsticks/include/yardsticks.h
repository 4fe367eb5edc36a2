#ifndef CACHES_YARDSTICKS_H
#define CACHES_YARDSTICKS_H

#include <stddef.h>
#include <stdint.h>

/// How many times memory was asked for in this process so far, by anyone.
uint64_t yardstick_allocations(void);

/// Callgrind, if the process runs under it: counts from 0 from now on.
void yardstick_count_instructions(void);

/// Callgrind, if the process runs under it: writes what it counted to a file of its own, under a name.
void yardstick_dump_instructions(const char *name);

/// Whether the process runs under valgrind.
int yardstick_is_simulated(void);

/// A placement by rendezvous hashing, as WeightedRendezvous.swift has it for equal weights: xxHash64 of the key,
/// or of its hash tag, then the highest mix of it and each seed.
size_t yardstick_owner(const char *key, size_t length, const uint64_t *seeds, size_t count);

/// xxHash64 with seed 0.
uint64_t yardstick_xxhash64(const void *bytes, size_t length);

#endif
