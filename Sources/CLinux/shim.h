// What Swift's Glibc module leaves out of Linux: epoll, eventfd, a thread's name, a socket's queue. Empty on other systems.

#ifndef CACHES_CLINUX_SHIM_H
#define CACHES_CLINUX_SHIM_H

#ifdef __linux__
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

// Names the calling thread, up to 15 characters. `prctl` is variadic, which Swift can't call.
static inline void caches_set_thread_name(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}

// How many bytes of a stream socket the peer has not acknowledged, less than 0 if that can't be told. `ioctl` is
// variadic as well.
static inline int caches_unsent_bytes(int descriptor) {
    int count = 0;
    return ioctl(descriptor, SIOCOUTQ, &count) == 0 ? count : -1;
}
#endif

#endif
