// libzmq: message sockets. Macros that Swift cannot read are given as functions here.
#include <errno.h>
#include <zmq.h>
