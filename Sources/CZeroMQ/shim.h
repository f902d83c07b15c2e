// libzmq: message sockets. Macros that Swift cannot read are given as functions here.
#pragma once

#include <errno.h>
#include <sys/eventfd.h>
#include <zmq.h>

/// The error of a call on a context that is being closed.
static inline int scriptorium_zmq_terminated(void) { return ETERM; }

/// A counter to poll beside sockets, or -1: rung by writing, silenced by reading.
static inline int scriptorium_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
