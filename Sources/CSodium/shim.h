#ifndef JALON_CSODIUM_SHIM_H
#define JALON_CSODIUM_SHIM_H
#include <sodium.h>
#include <string.h>

// crypto_core_ed25519_is_valid_point, with a memory of the points that it found valid: it multiplies by the order of the
// group, and the same few keys come by again with every start and in every state. Only whole matches count, each point has
// one place, and every thread has its own memory, so that a stranger's keys can cost no more than the check itself.
static inline int jalon_is_valid_point(const unsigned char point[crypto_core_ed25519_BYTES]) {
    enum { places = 512 };
    static _Thread_local unsigned char known[places][crypto_core_ed25519_BYTES];
    unsigned char *place = known[(point[0] | point[1] << 8) % places];
    // A place that was never filled is all zeros, which is a point that is refused.
    if (point[0] | point[1] | point[2] | point[3]) {
        if (memcmp(place, point, crypto_core_ed25519_BYTES) == 0) return 1;
    }
    if (crypto_core_ed25519_is_valid_point(point) != 1) return 0;
    memcpy(place, point, crypto_core_ed25519_BYTES);
    return 1;
}
#endif
