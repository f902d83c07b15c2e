// libsoxr: sample rate conversion.
#include <soxr.h>
