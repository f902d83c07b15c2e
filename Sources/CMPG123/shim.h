// libmpg123: frames of MPEG audio. libsndfile's development package brings it along.
#include <stdio.h>
#include <sys/types.h>
#include <mpg123.h>
