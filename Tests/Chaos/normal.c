// Makes a journal of the real coordinator lose acknowledged rows at a power cut, so that the scenario can
// be seen to catch it: loaded before libsqlite3, it sets synchronous=NORMAL when the first transaction
// begins, after the journal has checked that it is FULL.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

typedef struct sqlite3 sqlite3;
typedef int (*prepare_function)(sqlite3 *, const char *, int, unsigned, void **, const char **);
typedef int (*exec_function)(sqlite3 *, const char *, void *, void *, char **);

int sqlite3_prepare_v3(sqlite3 *db, const char *sql, int bytes, unsigned flags, void **statement,
                       const char **tail) {
  prepare_function prepare = (prepare_function)dlsym(RTLD_NEXT, "sqlite3_prepare_v3");
  exec_function exec = (exec_function)dlsym(RTLD_NEXT, "sqlite3_exec");
  // BEGIN is prepared once for each transaction; inside one the setting could not change.
  if (strncmp(sql, "BEGIN", 5) == 0) {
    static int told;
    int result = exec(db, "PRAGMA synchronous = NORMAL", 0, 0, 0);
    if (!told++) fprintf(stderr, "normal.c: synchronous=NORMAL, result %d\n", result);
  }
  return prepare(db, sql, bytes, flags, statement, tail);
}
