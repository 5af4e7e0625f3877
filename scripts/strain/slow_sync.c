/* Makes every sync of a file take 20 ms longer, as on a slow disk. To be preloaded. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static void wait_for_disk(void) {
    struct timespec rest = {0, 20 * 1000 * 1000};
    while (nanosleep(&rest, &rest) != 0) {}
}

#define SLOW(name)                                                \
    int name(int file) {                                          \
        static int (*real)(int);                                  \
        if (real == 0) real = (int (*)(int))dlsym(RTLD_NEXT, #name); \
        wait_for_disk();                                          \
        return real(file);                                        \
    }

SLOW(fsync)
SLOW(fdatasync)
