// What the runtime of Swift's concurrency knows of a task, from any thread.

#ifndef CACHES_CSWIFTTASK_SHIM_H
#define CACHES_CSWIFTTASK_SHIM_H

#include <stdbool.h>
#include <stdint.h>

#if !__has_attribute(swiftcall)
#error "A compiler that knows Swift's calling convention is needed: the one that comes with Swift."
#endif

// What `UnsafeCurrentTask.isCancelled` calls, after it has copied and retained the reference to the task.
__attribute__((swiftcall)) extern bool swift_task_isCancelled(const void *task);

// Whether a task was cancelled. It has to be alive.
static inline bool caches_task_is_cancelled(uintptr_t task) {
    return swift_task_isCancelled((const void *)task);
}

// Has the processor fetch what is touched of a task that is resumed, which is its first 256 bytes. A hint: nothing is
// read, whether the task is alive or not.
static inline void caches_prefetch_task(uintptr_t task) {
    for (int offset = 0; offset < 256; offset += 64) __builtin_prefetch((const char *)task + offset, 1);
}

#endif
