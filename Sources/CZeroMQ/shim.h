// What Swift needs of libzmq and libsodium, and the little that it cannot import by itself.
#pragma once

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/filter.h>
#endif

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

// The soft limit of open files, or -1.
static inline int64_t czmq_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return -1;
    }
    return limit.rlim_cur > (rlim_t)INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
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

// Sets the soft limit of open files, at most to the hard one. Files beyond it stay open.
static inline int czmq_limit_files(int64_t limit) {
    struct rlimit both;
    if (getrlimit(RLIMIT_NOFILE, &both) != 0) {
        return -1;
    }
    both.rlim_cur = (rlim_t)limit < both.rlim_max ? (rlim_t)limit : both.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &both);
}

// The number that the next file gets, or -1 when it cannot be opened.
static inline int czmq_lowest_free_file(void) {
    const int file = open("/", O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        close(file);
    }
    return file;
}

// The highest number from which on so many are free, up to the limit; -1 when fewer are.
static inline int64_t czmq_mark_of_files(int64_t limit, int64_t wanted) {
    int64_t number = limit < INT_MAX ? limit : INT_MAX;
    while (wanted > 0 && number > 0) {
        number--;
        if (fcntl((int)number, F_GETFD) < 0) {
            wanted--;
        }
    }
    return wanted == 0 ? number : -1;
}

// The port of this machine that a socket of TCP has, or -1 for any other file.
static inline int czmq_own_port(int file) {
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    if (getsockname(file, (struct sockaddr *)&address, &length) != 0) {
        return -1;
    }
    switch (address.ss_family) {
    case AF_INET:
        return ntohs(((const struct sockaddr_in *)&address)->sin_port);
    case AF_INET6:
        return ntohs(((const struct sockaddr_in6 *)&address)->sin6_port);
    default:
        return -1;
    }
}

static inline int czmq_listens(int file) {
    int listens = 0;
    socklen_t size = sizeof listens;
    return getsockopt(file, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens;
}

// Adds each connection of this process to the count of its port, if that is among those. Returns how
// many files are open, or -1 with errno.
static inline int64_t czmq_count_connections(const uint16_t *ports, int64_t *counts, int number) {
#ifdef __linux__
    DIR *directory = opendir("/proc/self/fd");
#else
    DIR *directory = opendir("/dev/fd");
#endif
    if (!directory) {
        return -1;
    }
    int64_t files = 0;
    const struct dirent *entry;
    while ((entry = readdir(directory))) {
        char *end;
        const long file = strtol(entry->d_name, &end, 10);
        if (end == entry->d_name || file == dirfd(directory)) {
            continue;
        }
        files++;
        const int port = czmq_listens((int)file) ? -1 : czmq_own_port((int)file);
        for (int i = 0; i < number; i++) {
            counts[i] += port == ports[i];
        }
    }
    closedir(directory);
    return files;
}

// Makes a socket of TCP neither block, nor be inherited, nor end the process when its peer is gone.
static inline int czmq_tcp_prepare(int file) {
#ifdef SO_NOSIGPIPE
    const int one = 1;
    setsockopt(file, SOL_SOCKET, SO_NOSIGPIPE, &one, sizeof one);
#endif
    fcntl(file, F_SETFD, FD_CLOEXEC);
    return fcntl(file, F_SETFL, fcntl(file, F_GETFL) | O_NONBLOCK);
}

// Listens at an address that is a number. Returns the socket, or -1 with errno.
static inline int czmq_tcp_listen(const char *number, uint16_t port, int backlog) {
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    struct addrinfo hints;
    memset(&hints, 0, sizeof hints);
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    hints.ai_socktype = SOCK_STREAM;
    struct addrinfo *found;
    if (getaddrinfo(number, service, &hints, &found) != 0) {
        errno = EINVAL;
        return -1;
    }
    const int one = 1;
    const int file = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    if (file >= 0 && (czmq_tcp_prepare(file) != 0 ||
                      setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
                      bind(file, found->ai_addr, found->ai_addrlen) != 0 ||
                      listen(file, backlog) != 0)) {
        const int error = errno;
        close(file);
        freeaddrinfo(found);
        errno = error;
        return -1;
    }
    freeaddrinfo(found);
    return file;
}

// Waits until a socket can be read or accepts, or can be written. Returns 1, or 0 when the time is over.
static inline int czmq_tcp_wait(int file, int writes, int milliseconds) {
    struct pollfd item = {file, (short)(writes ? POLLOUT : POLLIN), 0};
    const int ready = poll(&item, 1, milliseconds);
    return ready < 0 && errno == EINTR ? 0 : ready;
}

// Returns the connection, or -1 with errno.
static inline int czmq_tcp_accept(int listener) {
    const int file = accept(listener, NULL, NULL);
    if (file >= 0 && czmq_tcp_prepare(file) != 0) {
        close(file);
        return -1;
    }
    return file;
}

static inline int64_t czmq_tcp_receive(int file, void *bytes, int64_t count) {
    return recv(file, bytes, (size_t)count, 0);
}

static inline int64_t czmq_tcp_send(int file, const void *bytes, int64_t count) {
#ifdef MSG_NOSIGNAL
    return send(file, bytes, (size_t)count, MSG_NOSIGNAL);
#else
    return send(file, bytes, (size_t)count, 0);
#endif
}

// The peer reads that nothing more comes.
static inline void czmq_tcp_end(int file) {
    shutdown(file, SHUT_WR);
}

static inline void czmq_tcp_close(int file) {
    close(file);
}

// Whether what comes to a listening socket is dropped. Connections that it made before are sockets
// of their own. Returns -1 where the system cannot do that.
static inline int czmq_hold(int listener, int holds) {
#ifdef __linux__
    // Of each packet none of its bytes are kept.
    struct sock_filter nothing = {BPF_RET | BPF_K, 0, 0, 0};
    const struct sock_fprog program = {1, &nothing};
    return setsockopt(listener, SOL_SOCKET, holds ? SO_ATTACH_FILTER : SO_DETACH_FILTER, &program,
                      sizeof program);
#else
    (void)listener;
    (void)holds;
    return -1;
#endif
}
