// libcurl: HTTP. Its variadic setters and getters are given as typed functions, which Swift can call.
#include <curl/curl.h>

static inline CURLcode scriptorium_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode scriptorium_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode scriptorium_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode scriptorium_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

typedef size_t (*scriptorium_curl_write)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode scriptorium_curl_set_write(CURL *handle, CURLoption option, scriptorium_curl_write function) {
    return curl_easy_setopt(handle, option, function);
}

static inline CURLcode scriptorium_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

static inline CURLcode scriptorium_curl_set_headers(CURL *handle, struct curl_slist *headers) {
    return curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
}
