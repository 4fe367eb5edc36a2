// The placement in C: the yardstick for the placement in Swift, not a copy of it. Little-endian machines
// only.
#include "yardsticks.h"

#include <string.h>

#define P1 0x9E3779B185EBCA87ULL
#define P2 0xC2B2AE3D27D4EB4FULL
#define P3 0x165667B19E3779F9ULL
#define P4 0x85EBCA77C2B2AE63ULL
#define P5 0x27D4EB2F165667C5ULL

static inline uint64_t rotated(uint64_t x, int bits) { return x << bits | x >> (64 - bits); }

static inline uint64_t word64(const unsigned char *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static inline uint64_t word32(const unsigned char *p) {
    uint32_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static inline uint64_t mixed(uint64_t lane, uint64_t input) { return rotated(lane + input * P2, 31) * P1; }

uint64_t yardstick_xxhash64(const void *bytes, size_t length) {
    const unsigned char *p = bytes, *end = p + length;
    uint64_t hash = P5;
    if (length >= 32) {
        uint64_t lanes[4] = {P1 + P2, P2, 0, -P1};
        for (; end - p >= 32; p += 32)
            for (int i = 0; i < 4; i++) lanes[i] = mixed(lanes[i], word64(p + 8 * i));
        hash = rotated(lanes[0], 1) + rotated(lanes[1], 7) + rotated(lanes[2], 12) + rotated(lanes[3], 18);
        for (int i = 0; i < 4; i++) hash = (hash ^ mixed(0, lanes[i])) * P1 + P4;
    }
    hash += length;
    for (; end - p >= 8; p += 8) hash = rotated(hash ^ mixed(0, word64(p)), 27) * P1 + P4;
    if (end - p >= 4) {
        hash = rotated(hash ^ word32(p) * P1, 23) * P2 + P3;
        p += 4;
    }
    for (; p < end; p++) hash = rotated(hash ^ *p * P5, 11) * P1;
    hash = (hash ^ hash >> 33) * P2;
    hash = (hash ^ hash >> 29) * P3;
    return hash ^ hash >> 32;
}

size_t yardstick_owner(const char *key, size_t length, const uint64_t *seeds, size_t count) {
    const char *open = memchr(key, '{', length);
    if (open) {
        const char *close = memchr(open + 1, '}', (size_t)(key + length - open - 1));
        if (close && close > open + 1) {
            key = open + 1;
            length = (size_t)(close - key);
        }
    }
    uint64_t hash = yardstick_xxhash64(key, length), highest = 0;
    size_t best = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t x = hash ^ seeds[i];
        x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
        x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
        x = (x ^ x >> 31) >> 12;
        if (i == 0 || x > highest) {
            highest = x;
            best = i;
        }
    }
    return best;
}
