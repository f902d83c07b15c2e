// System calls of Linux that Swift's module of the C library leaves out.
#pragma once

#include <sys/eventfd.h>

/// A counter that can be polled, or -1 with errno set: readable once it is written to, until it is read.
static inline int scriptorium_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
