// For the program in the wheel. It is linked for glibc 2.28, so that it runs on systems of 2018 and later,
// but Swift's and C++'s static libraries call a few functions that are younger. Each stand-in calls the
// real one where the machine has it.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <time.h>

int murmur_main(int count, char **arguments);
// Of Swift's runtime, which else reads /proc for them.
void _swift_stdlib_overrideUnsafeArgvArgc(char **arguments, int count);

int main(int count, char **arguments) {
    _swift_stdlib_overrideUnsafeArgvArgc(arguments, count);
    return murmur_main(count, arguments);
}

// Of glibc 2.32. Whoever reads it takes shortcuts where it is not 0.
char __libc_single_threaded = 0;

// Of glibc 2.29. Foundation's Process calls it, which the program does not use to start workers.
int posix_spawn_file_actions_addchdir_np(void *actions, const char *path) {
    int (*real)(void *, const char *) = dlsym(RTLD_NEXT, "posix_spawn_file_actions_addchdir_np");
    return real ? real(actions, path) : ENOSYS;
}

// Of glibc 2.30.
int pthread_cond_clockwait(
    pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *end
) {
    int (*real)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *) =
        dlsym(RTLD_NEXT, "pthread_cond_clockwait");
    if (real) return real(condition, mutex, clock, end);
    // The older one waits until a time of day: so long from now as is left on the other clock.
    struct timespec now, day;
    clock_gettime(clock, &now);
    clock_gettime(CLOCK_REALTIME, &day);
    const long long second = 1000000000;
    long long left = (end->tv_sec - now.tv_sec) * second + end->tv_nsec - now.tv_nsec;
    if (left <= 0) return ETIMEDOUT;
    struct timespec until = {
        day.tv_sec + (day.tv_nsec + left) / second, (day.tv_nsec + left) % second,
    };
    return pthread_cond_timedwait(condition, mutex, &until);
}
