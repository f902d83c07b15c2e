#ifndef WATCHED_SYNC_H
#define WATCHED_SYNC_H

/// Calls `sync` with a boundary around it (boundaries.h).
int watched_sync(const char *call, int descriptor, int (*sync)(int));

#endif
