#define _GNU_SOURCE
#include "boundaries.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "watched_sync.h"

#define KIND_BYTES 128

static char process_role[16];
static const char *log_path, *mark_path;
static char messages_path[4096];
static char kill_role[16], kill_call[32], kill_kind[KIND_BYTES], kill_side[8];
static int kill_number;
static atomic_int reached;
static atomic_int is_on;

void boundaries_begin(const char *role) {
    snprintf(process_role, sizeof process_role, "%s", role);
    log_path = getenv("BOUNDARY_LOG");
    mark_path = getenv("BOUNDARY_MARK");
    const char *messages = getenv("BOUNDARY_MESSAGES");
    if (messages) snprintf(messages_path, sizeof messages_path, "%s.%s", messages, process_role);
    const char *order = getenv("BOUNDARY_KILL");
    if (order && sscanf(order, "%15s %31s %127s %d %7s", kill_role, kill_call, kill_kind,
                        &kill_number, kill_side) != 5) {
        dprintf(STDERR_FILENO, "BOUNDARY_KILL cannot be read: %s\n", order);
        abort();
    }
    if (order || log_path || messages) atomic_store(&is_on, 1);
}

// Straight to the system: the functions below must not watch themselves.

static void append(const char *path, const void *bytes, size_t count) {
    long file = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) return;
    syscall(SYS_write, file, bytes, count);
    syscall(SYS_close, file);
}

/// Ends the process, unless one was ended before.
static void die(void) {
    int error = errno;
    long mark = syscall(SYS_openat, AT_FDCWD, mark_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (mark < 0) {
        errno = error;
        return;
    }
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

/// Notes a boundary, and dies if the kill is to be before it.
///
/// Returns whether the process is to die after it.
static int begin(const char *call, const char *kind) {
    if (log_path) {
        char line[KIND_BYTES + 64];
        int count = snprintf(line, sizeof line, "%s %s %s\n", process_role, call, kind);
        append(log_path, line, (size_t)count);
    }
    if (!kill_number || !mark_path || strcmp(process_role, kill_role) != 0 ||
        strcmp(call, kill_call) != 0 || strcmp(kind, kill_kind) != 0)
        return 0;
    if (atomic_fetch_add(&reached, 1) + 1 != kill_number) return 0;
    if (strcmp(kill_side, "before") == 0) die();
    return strcmp(kill_side, "after") == 0;
}

/// The last part of a path; names that differ from run to run become one.
static void name_path(const char *path, char kind[KIND_BYTES]) {
    const char *slash = strrchr(path, '/');
    const char *name = slash && slash[1] ? slash + 1 : path;
    size_t length = strlen(name);
    if (length > 5 && strcmp(name + length - 5, ".sock") == 0) name = "socket-file";
    if (strncmp(name, "scriptorium-", 12) == 0) name = "runtime-folder";
    snprintf(kind, KIND_BYTES, "%s", name);
}

/// What a descriptor is open on; 0 for what outlives no process: terminals, pipes, events.
static int name_descriptor(int descriptor, char kind[KIND_BYTES]) {
    // Notices are no part of a job.
    if (descriptor <= STDERR_FILENO) return 0;
    struct stat status;
    if (syscall(SYS_fstat, descriptor, &status) != 0) return 0;
    if (S_ISSOCK(status.st_mode)) {
        snprintf(kind, KIND_BYTES, "socket");
        return 1;
    }
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    long count = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    if (count <= 0) return 0;
    path[count] = 0;
    name_path(path, kind);
    if (S_ISDIR(status.st_mode) && !strstr(kind, ".job")) snprintf(kind, KIND_BYTES, "folder");
    return 1;
}

static int begin_descriptor(const char *call, int descriptor) {
    char kind[KIND_BYTES];
    int error = errno;
    int dies = name_descriptor(descriptor, kind) && begin(call, kind);
    errno = error;
    return dies;
}

static int begin_path(const char *call, const char *path) {
    char kind[KIND_BYTES];
    int error = errno;
    name_path(path, kind);
    int dies = begin(call, kind);
    errno = error;
    return dies;
}

/// A call that is passed on between what is before it and what is after it.
#define WATCHED(type, watch, call)                 \
    do {                                           \
        int dies = atomic_load(&is_on) && (watch); \
        type result = (call);                      \
        if (dies) die();                           \
        return result;                             \
    } while (0)

// These stand before the system's own for every library of the process. `fsync` and `fdatasync` are in
// failing_disk.c, which asks here.

ssize_t write(int descriptor, const void *bytes, size_t count) {
    WATCHED(ssize_t, begin_descriptor("write", descriptor), syscall(SYS_write, descriptor, bytes, count));
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t place) {
    WATCHED(ssize_t, begin_descriptor("pwrite", descriptor),
            syscall(SYS_pwrite64, descriptor, bytes, count, place));
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t place) {
    WATCHED(ssize_t, begin_descriptor("pwrite", descriptor),
            syscall(SYS_pwrite64, descriptor, bytes, count, place));
}

int ftruncate(int descriptor, off_t size) {
    WATCHED(int, begin_descriptor("ftruncate", descriptor), (int)syscall(SYS_ftruncate, descriptor, size));
}

int ftruncate64(int descriptor, off64_t size) {
    WATCHED(int, begin_descriptor("ftruncate", descriptor), (int)syscall(SYS_ftruncate, descriptor, size));
}

int rename(const char *from, const char *to) {
    WATCHED(int, begin_path("rename", to), (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to));
}

int unlink(const char *path) {
    WATCHED(int, begin_path("unlink", path), (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

int rmdir(const char *path) {
    WATCHED(int, begin_path("rmdir", path), (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR));
}

int mkdir(const char *path, mode_t mode) {
    WATCHED(int, begin_path("mkdir", path), (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}

int link(const char *from, const char *to) {
    WATCHED(int, begin_path("link", to), (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0));
}

ssize_t send(int descriptor, const void *bytes, size_t count, int flags) {
    WATCHED(ssize_t, begin_descriptor("send", descriptor),
            syscall(SYS_sendto, descriptor, bytes, count, flags, NULL, 0));
}

int watched_sync(const char *call, int descriptor, int (*sync)(int)) {
    WATCHED(int, begin_descriptor(call, descriptor), sync(descriptor));
}

/// Hands a frame to the library; the kind of a message is in its header, a routing frame has none.
static int begin_frame(const void *bytes, size_t count) {
    char kind[KIND_BYTES] = "route";
    if (count >= 24 && memcmp(bytes, "SCTM", 4) == 0) {
        snprintf(kind, sizeof kind, "message-%d", ((const uint8_t *)bytes)[6]);
        if (messages_path[0]) {
            uint8_t *record = malloc(count + 4);
            for (int index = 0; index < 4; index++) record[index] = (uint8_t)(count >> (8 * index));
            memcpy(record + 4, bytes, count);
            append(messages_path, record, count + 4);
            free(record);
        }
    }
    return begin("zmq_send", kind);
}

typedef int (*zmq_send_function)(void *, const void *, size_t, int);

int zmq_send(void *socket, const void *bytes, size_t count, int flags) {
    static _Atomic(zmq_send_function) found;
    zmq_send_function next = atomic_load(&found);
    if (!next) atomic_store(&found, next = (zmq_send_function)dlsym(RTLD_NEXT, "zmq_send"));
    WATCHED(int, begin_frame(bytes, count), next(socket, bytes, count, flags));
}
