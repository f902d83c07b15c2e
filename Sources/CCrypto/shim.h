// libcrypto: SHA-256, and MD5 for the sums that FLAC files carry.
#include <openssl/evp.h>
