// What Swift's Glibc module leaves out of Linux: epoll, eventfd, a thread's name. Empty on other systems.

#ifndef CACHES_CLINUX_SHIM_H
#define CACHES_CLINUX_SHIM_H

#ifdef __linux__
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

// Names the calling thread, up to 15 characters. `prctl` is variadic, which Swift can't call.
static inline void caches_set_thread_name(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}
#endif

#endif
