// libcurl: HTTP. Its variadic setters and getters are given as typed functions, which Swift can call.
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

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

// Whether an address leads to this machine or to its link (IPv4: 0/8, 127/8, 169.254/16; IPv6: ::, ::1, fe80::/10, and
// IPv4 addresses within), where other programs trust whoever can reach them.
static inline int scriptorium_curl_is_near(const struct sockaddr *address) {
    unsigned char ip4[4];
    if (address->sa_family == AF_INET) {
        memcpy(ip4, &((const struct sockaddr_in *)address)->sin_addr, 4);
    } else if (address->sa_family == AF_INET6) {
        const unsigned char *ip6 = ((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr;
        static const unsigned char zeros[12] = {0}, mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
        if (ip6[0] == 0xFE && (ip6[1] & 0xC0) == 0x80) return 1;
        if (memcmp(ip6, zeros, 12) != 0 && memcmp(ip6, mapped, 12) != 0) return 0;
        memcpy(ip4, ip6 + 12, 4);
    } else {
        return 1;
    }
    return ip4[0] == 0 || ip4[0] == 127 || (ip4[0] == 169 && ip4[1] == 254);
}

static inline curl_socket_t scriptorium_curl_open_far(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    (void)purpose;
    if (scriptorium_curl_is_near(&address->addr)) {
        *(int *)context = 1;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype, address->protocol);
}

// No connection to this machine or its link, whatever a name turns out to mean; was_near says that one was refused.
static inline CURLcode scriptorium_curl_refuse_near(CURL *handle, int *was_near) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, was_near);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, scriptorium_curl_open_far);
}
