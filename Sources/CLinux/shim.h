// System calls of Linux that Swift's module of the C library leaves out.
#pragma once

#include <fcntl.h>
#include <sys/eventfd.h>

/// A counter that can be polled, or -1 with errno set: readable once it is written to, until it is read.
static inline int scriptorium_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// Declared here, since the header does so for GNU's extensions alone.
extern int pipe2(int ends[2], int flags);

/// A pipe whose ends no other program inherits, whatever other threads start meanwhile; -1 with errno set
/// where there is none.
static inline int scriptorium_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
