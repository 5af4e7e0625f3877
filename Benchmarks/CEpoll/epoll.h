// What the load needs of Linux's epoll, whose structure Swift does not import.
#pragma once

#include <errno.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { BENCH_MOST_EVENTS = 1024 };

// Has a file reported under a number while it is readable. Returns 0, or -1 with errno.
static inline int bench_epoll_add(int epoll, int file, uint32_t number) {
    struct epoll_event event = {.events = EPOLLIN, .data = {.u32 = number}};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, file, &event);
}

// Writes the numbers of what is readable within a time. Returns how many, or -1 with errno.
static inline int bench_epoll_wait(int epoll, uint32_t numbers[BENCH_MOST_EVENTS], int milliseconds) {
    struct epoll_event events[BENCH_MOST_EVENTS];
    int count = epoll_wait(epoll, events, BENCH_MOST_EVENTS, milliseconds);
    for (int i = 0; i < count; i++) {
        numbers[i] = events[i].data.u32;
    }
    return count < 0 && errno == EINTR ? 0 : count;
}
