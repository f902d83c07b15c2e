// libchromaprint, loaded at run time: it brings a hundred libraries of ffmpeg along, which every start
// of the program would load if it were linked, and only those who look for equal audio need it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// Loads the library once for the whole process; not from two threads at once.
///
/// Returns null when it is ready, else what is wrong and what would help.
const char *_Nullable chromaprint_loader_open(void);

/// For example `1.5.1`; empty before `chromaprint_loader_open` succeeded.
const char *chromaprint_loader_version(void);

/// One fingerprint that is being computed.
typedef struct chromaprint_loader_context chromaprint_loader_context;

/// Begins a fingerprint of samples of one channel; null where there is no memory.
chromaprint_loader_context *_Nullable chromaprint_loader_begin(int sample_rate);

/// Takes more samples; false where there is no memory.
bool chromaprint_loader_feed(chromaprint_loader_context *context, const int16_t *samples, int count);

/// Ends it. The items are the library's until `chromaprint_loader_free_items`.
bool chromaprint_loader_finish(chromaprint_loader_context *context,
                               uint32_t *_Nullable *_Nonnull items, int *count);

void chromaprint_loader_free_items(uint32_t *items);

void chromaprint_loader_end(chromaprint_loader_context *context);

#pragma clang assume_nonnull end
