#ifndef CACHES_YARDSTICKS_H
#define CACHES_YARDSTICKS_H

#include <stddef.h>
#include <stdint.h>

/// The number of allocations in this process so far, by any code.
uint64_t yardstick_allocations(void);

/// The bytes of allocated memory that are in use.
uint64_t yardstick_heap_bytes(void);

/// If the process runs under callgrind, restarts its count at 0.
void yardstick_count_instructions(void);

/// If the process runs under callgrind, writes its count to a new file, under a name.
void yardstick_dump_instructions(const char *name);

/// Whether the process runs under valgrind.
int yardstick_is_simulated(void);

/// A placement by rendezvous hashing, as WeightedRendezvous.swift has it for equal weights: xxHash64 of the
/// key, or of its hash tag, then the highest mix of it and each seed.
size_t yardstick_owner(const char *key, size_t length, const uint64_t *seeds, size_t count);

/// xxHash64 with seed 0.
uint64_t yardstick_xxhash64(const void *bytes, size_t length);

enum yardstick_command { yardstick_get, yardstick_set, yardstick_mget };

/// hiredis on one blocking connection: `depth` commands are appended, then as many replies are read, until
/// `operations` have been carried out.
///
/// Keys are `prefix` and one of `keys` numbers from 10000000 on; an MGET asks for the first 100.
///
/// latencies: gets the nanoseconds from a round's start to every 16th reply, as far as there is
/// room.
/// recorded: gets the number of these latencies.
/// Returns 0; 1 if the server can't be reached, hangs up or answers with an error.
int yardstick_hiredis(const char *host, int port, enum yardstick_command command, const char *prefix,
                      int keys, const char *value, long depth, long operations, uint64_t *latencies, long room,
                      long *recorded);

#endif
