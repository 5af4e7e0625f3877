// Tells ThreadSanitizer of the locks that it cannot see.
//
// On Linux a Swift `Mutex` that nobody else wants is locked and unlocked by atomic operations that
// are compiled into our code, where ThreadSanitizer sees them. One that is contended is handed over
// by the Swift library, which is not instrumented, and by the kernel: ThreadSanitizer would call
// each access under such a lock a race. This library is loaded before Swift's and says what was
// locked and unlocked, so that no report about a `Mutex` has to be suppressed.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *

// Programs that are not instrumented, such as the shell, do not have them.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

static void *original(const char *name) {
    void *const function = dlsym(RTLD_NEXT, name);
    if (function == NULL) {
        abort();
    }
    return function;
}

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void lock(uint32_t thread, SELF mutex) __asm__(LOCK);
SWIFT bool try_lock(SELF mutex) __asm__(TRY);
SWIFT void unlock(SELF mutex) __asm__(UNLOCK);

SWIFT void lock(uint32_t thread, SELF mutex) {
    ((SWIFT void (*)(uint32_t, SELF))original(LOCK))(thread, mutex);
    if (__tsan_acquire != NULL) {
        __tsan_acquire(mutex);
    }
}

SWIFT bool try_lock(SELF mutex) {
    const bool is_locked = ((SWIFT bool (*)(SELF))original(TRY))(mutex);
    if (is_locked && __tsan_acquire != NULL) {
        __tsan_acquire(mutex);
    }
    return is_locked;
}

SWIFT void unlock(SELF mutex) {
    if (__tsan_release != NULL) {
        __tsan_release(mutex);
    }
    ((SWIFT void (*)(SELF))original(UNLOCK))(mutex);
}
