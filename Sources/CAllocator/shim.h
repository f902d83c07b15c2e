// The C library's allocator: what it keeps for itself and what it gives back to the system.
#pragma once

#include <malloc.h>

/// Gives large pieces of memory back as soon as they are free, and keeps few arenas.
///
/// Left alone, glibc keeps pieces of up to 32 MiB once one was freed, and an arena for each thread.
static inline void scriptorium_allocator_be_frugal(void) {
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 20);
    mallopt(M_ARENA_MAX, 4);
}

/// Gives back what is free.
static inline void scriptorium_allocator_trim(void) { malloc_trim(0); }
