// A malloc that counts. It replaces glibc's malloc in the whole process: the linker prefers the executable's
// own.
#define _GNU_SOURCE
#include "yardsticks.h"

#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>

#if defined(__GLIBC__)

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

// A counter for each thread, each on its own cache line, so that counting costs no more than an addition.
// More threads than this share counters and may miss a few allocations.
enum { counters = 64 };
static struct {
    _Alignas(64) _Atomic uint64_t count;
} counts[counters];
static atomic_uint threads;
static __thread unsigned own __attribute__((tls_model("initial-exec"))); // plus one; 0: no counter yet

static inline void count(void) {
    if (!own) own = 1 + atomic_fetch_add_explicit(&threads, 1, memory_order_relaxed) % counters;
    _Atomic uint64_t *counter = &counts[own - 1].count;
    uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, before + 1, memory_order_relaxed);
}

void *malloc(size_t size) {
    count();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count();
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
    count();
    return __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
    *result = memalign(alignment, size);
    return *result ? 0 : ENOMEM;
}

uint64_t yardstick_allocations(void) {
    uint64_t sum = 0;
    for (int i = 0; i < counters; i++) sum += atomic_load_explicit(&counts[i].count, memory_order_relaxed);
    return sum;
}

uint64_t yardstick_heap_bytes(void) {
    struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

#else

uint64_t yardstick_allocations(void) { return 0; }
uint64_t yardstick_heap_bytes(void) { return 0; }

#endif
