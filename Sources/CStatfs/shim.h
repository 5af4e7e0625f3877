// What kind of file system a file is on, which Swift's Glibc and Musl leave out.
#pragma once

#include <errno.h>
#include <stdint.h>
#include <sys/statfs.h>

/// The number by which Linux tells file systems apart; 0 when there is nothing at the path.
static inline uint64_t file_system_of(const char *path) {
    struct statfs status;
    int result;
    do {
        result = statfs(path, &status);
    } while (result != 0 && errno == EINTR);
    // It is signed where numbers are of 32 bits, and those have 32.
    return result == 0 ? (uint64_t)(uint32_t)status.f_type : 0;
}
