// What Swift needs of libzmq and libsodium, and the little that it cannot import by itself.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <zmq.h>

#include <sodium/core.h>
#include <sodium/crypto_pwhash_scryptsalsa208sha256.h>
#include <sodium/crypto_scalarmult.h>
#include <sodium/randombytes.h>

// libzmq defines it with its draft API only, and takes it by number without.
static const int CZMQ_ZAP_ENFORCE_DOMAIN = 93;

// An enumeration, because Swift does not import libzmq's computed macros on every platform.
enum czmq_error {
    CZMQ_EAGAIN = EAGAIN,
    CZMQ_EINTR = EINTR,
    CZMQ_EINVAL = EINVAL,
    CZMQ_EMFILE = EMFILE,
    CZMQ_ENFILE = ENFILE,
    CZMQ_ENOMEM = ENOMEM,
    CZMQ_EACCES = EACCES,
    CZMQ_ENODEV = ENODEV,
    CZMQ_ENOENT = ENOENT,
    CZMQ_EADDRINUSE = EADDRINUSE,
    CZMQ_EADDRNOTAVAIL = EADDRNOTAVAIL,
    CZMQ_EHOSTUNREACH = EHOSTUNREACH,
    CZMQ_EPROTONOSUPPORT = EPROTONOSUPPORT,
    CZMQ_ENOCOMPATPROTO = ENOCOMPATPROTO,
    CZMQ_EFSM = EFSM,
    CZMQ_ETERM = ETERM,
    CZMQ_EMTHREAD = EMTHREAD,
};

// libzmq takes from rand() where it allots routing ids and how it spreads reconnecting clients over
// time, and never seeds it: every process would have the same. Call it once.
static inline int czmq_seed_random(void) {
    if (sodium_init() < 0) {
        return -1;
    }
    srand(randombytes_random());
    return 0;
}

// The calling thread, as a number that no other living thread has.
static inline uintptr_t czmq_thread_id(void) {
    return (uintptr_t)pthread_self();
}

// A pipe whose ends never block. Returns 0, or -1 with errno.
static inline int czmq_pipe(int ends[2]) {
    if (pipe(ends) != 0) {
        return -1;
    }
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFL, fcntl(ends[i], F_GETFL) | O_NONBLOCK);
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    }
    return 0;
}

// Makes a poll on the reading end return. A full pipe does that already.
static inline void czmq_pipe_wake(int writing_end) {
    const char byte = 0;
    ssize_t written;
    do {
        written = write(writing_end, &byte, 1);
    } while (written < 0 && errno == EINTR);
}

static inline void czmq_pipe_drain(int reading_end) {
    char bytes[64];
    ssize_t count;
    do {
        count = read(reading_end, bytes, sizeof bytes);
    } while (count == (ssize_t)sizeof bytes || (count < 0 && errno == EINTR));
}

static inline void czmq_pipe_close(int ends0, int ends1) {
    close(ends0);
    close(ends1);
}

// Raises the soft limit of open files to the hard one. Returns the limit now in effect, or -1.
static inline int64_t czmq_raise_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return -1;
    }
    rlim_t wanted = limit.rlim_max;
#ifdef __APPLE__
    // Darwin calls the hard limit infinite and then refuses more than this.
    if (wanted == RLIM_INFINITY || wanted > OPEN_MAX) {
        wanted = OPEN_MAX;
    }
#endif
    if (wanted > limit.rlim_cur) {
        struct rlimit raised = limit;
        raised.rlim_cur = wanted;
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0) {
            limit = raised;
        }
    }
    return limit.rlim_cur > (rlim_t)INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
}

// Whether this process can open so many files more, up to 64. Returns 0 when it cannot.
static inline int czmq_has_room_for_files(int wanted) {
    int files[64];
    int count = 0;
    int has_room = 1;
    while (count < wanted && count < 64) {
        const int file = open("/", O_RDONLY | O_CLOEXEC);
        if (file < 0) {
            // Any other reason says nothing about room.
            has_room = errno != EMFILE && errno != ENFILE;
            break;
        }
        files[count++] = file;
    }
    for (int i = 0; i < count; i++) {
        close(files[i]);
    }
    return has_room;
}
