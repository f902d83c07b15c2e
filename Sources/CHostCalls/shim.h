// System calls of Linux about this machine and who connects to it, which Swift's module of the C library leaves out.
#pragma once

#include <fcntl.h>
#include <sys/timex.h>
#include <sys/vfs.h>

struct sockaddr;

// Declared here, since the header does so for GNU's extensions alone.
extern int accept4(int listener, struct sockaddr *address, unsigned *bytes, int flags);

/// The next connection of a listening socket: it does not block, and no other program inherits it; -1 with
/// errno set where there is none.
static inline int scriptorium_accept(int listener) {
    return accept4(listener, 0, 0, O_NONBLOCK | O_CLOEXEC);
}

/// 1 if something keeps the system's clock right, 0 if nothing does, -1 if the system does not tell.
static inline int scriptorium_clock_is_kept(void) {
    struct timex state = {.modes = 0};
    int status = adjtimex(&state);
    return status < 0 ? -1 : status != TIME_ERROR;
}

/// The number of the file system that a path is on (statfs(2)); 0 if the system does not tell.
static inline unsigned scriptorium_file_system(const char *path) {
    struct statfs state;
    return statfs(path, &state) == 0 ? (unsigned)state.f_type : 0;
}
