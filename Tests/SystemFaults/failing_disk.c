#define _GNU_SOURCE
#include "failing_disk.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "watched_sync.h"

static atomic_int syncs_left = -1;

void failing_disk_after(int syncs) { atomic_store(&syncs_left, syncs + 1); }

static int fails_now(void) {
    if (atomic_load(&syncs_left) < 0) return 0;
    if (atomic_fetch_sub(&syncs_left, 1) != 1) return 0;
    errno = EIO;
    return 1;
}

static int sync_all(int descriptor) {
    return fails_now() ? -1 : (int)syscall(SYS_fsync, descriptor);
}

static int sync_data(int descriptor) {
    return fails_now() ? -1 : (int)syscall(SYS_fdatasync, descriptor);
}

// These stand before the system's own for every library of the process, SQLite's among them.

int fsync(int descriptor) { return watched_sync("fsync", descriptor, sync_all); }

int fdatasync(int descriptor) { return watched_sync("fdatasync", descriptor, sync_data); }
