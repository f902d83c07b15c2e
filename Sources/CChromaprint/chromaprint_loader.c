#include "CChromaprint.h"

#include <dlfcn.h>

// From chromaprint.h of version 1; repeated here so that building needs none of its headers.
enum { default_algorithm = 1 };

static const char *(*get_version)(void);
static void *(*new_context)(int algorithm);
static void (*free_context)(void *context);
static int (*start)(void *context, int sample_rate, int channels);
static int (*feed)(void *context, const int16_t *samples, int count);
static int (*finish)(void *context);
static int (*get_raw_fingerprint)(void *context, uint32_t **items, int *count);
static void (*dealloc)(void *items);

const char *chromaprint_loader_open(void) {
    if (new_context) return NULL;
    void *library = dlopen("libchromaprint.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        return "libchromaprint is not installed or cannot be loaded; install the Debian package "
               "libchromaprint1";
    }
    get_version = (const char *(*)(void))dlsym(library, "chromaprint_get_version");
    free_context = (void (*)(void *))dlsym(library, "chromaprint_free");
    start = (int (*)(void *, int, int))dlsym(library, "chromaprint_start");
    feed = (int (*)(void *, const int16_t *, int))dlsym(library, "chromaprint_feed");
    finish = (int (*)(void *))dlsym(library, "chromaprint_finish");
    get_raw_fingerprint =
        (int (*)(void *, uint32_t **, int *))dlsym(library, "chromaprint_get_raw_fingerprint");
    dealloc = (void (*)(void *))dlsym(library, "chromaprint_dealloc");
    void *(*found)(int) = (void *(*)(int))dlsym(library, "chromaprint_new");
    if (!found || !get_version || !free_context || !start || !feed || !finish ||
        !get_raw_fingerprint || !dealloc) {
        dlclose(library);
        return "the library libchromaprint.so.1 lacks functions of version 1; install the Debian "
               "package libchromaprint1";
    }
    new_context = found;
    return NULL;
}

const char *chromaprint_loader_version(void) { return new_context ? get_version() : ""; }

chromaprint_loader_context *chromaprint_loader_begin(int sample_rate) {
    void *context = new_context(default_algorithm);
    if (context && !start(context, sample_rate, 1)) {
        free_context(context);
        return NULL;
    }
    return context;
}

bool chromaprint_loader_feed(chromaprint_loader_context *context, const int16_t *samples,
                             int count) {
    return feed(context, samples, count);
}

bool chromaprint_loader_finish(chromaprint_loader_context *context, uint32_t **items, int *count) {
    *items = NULL;
    *count = 0;
    return finish(context) && get_raw_fingerprint(context, items, count);
}

void chromaprint_loader_free_items(uint32_t *items) { dealloc(items); }

void chromaprint_loader_end(chromaprint_loader_context *context) { free_context(context); }
