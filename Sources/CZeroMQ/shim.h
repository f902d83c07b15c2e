// libzmq: message sockets. Macros that Swift cannot read are given as functions here.
#pragma once

#include <errno.h>
#include <zmq.h>

/// The error of a call on a context that is being closed.
static inline int scriptorium_zmq_terminated(void) { return ETERM; }
