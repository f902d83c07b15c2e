// libsndfile: audio containers and codecs, read by content.
#include <sndfile.h>
