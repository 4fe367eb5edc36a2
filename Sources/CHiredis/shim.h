// What Swift sees of hiredis: its reply reader and, for tests, its blocking client.
//
// Two generations are in use: Debian 12 ships 0.14.1, Homebrew and newer distributions ship 1.x.
// They differ in the type of an array's length and in a macro that Swift can't import.
// Those differences end in this file.

#ifndef CACHES_CHIREDIS_SHIM_H
#define CACHES_CHIREDIS_SHIM_H

#include <stdbool.h>
#include <stddef.h>
#if __has_include(<hiredis/hiredis.h>)
#include <hiredis/hiredis.h>
#include <hiredis/read.h>
#else
#include <hiredis.h>
#include <read.h>
#endif

// 0.14 calls `createArray` with an `int`, 1.x with a `size_t`.
#if HIREDIS_MAJOR >= 1
typedef size_t caches_array_length;
#else
typedef int caches_array_length;
#endif

// 1.x reads RESP3 as well, and makes up an object for a type that has no function: NULL ends the reading.
#if HIREDIS_MAJOR >= 1
static inline void *caches_refuse_double(const redisReadTask *task, double value, char *text, size_t length) {
    (void)task, (void)value, (void)text, (void)length;
    return NULL;
}

static inline void *caches_refuse_bool(const redisReadTask *task, int value) {
    (void)task, (void)value;
    return NULL;
}
#endif

static inline void caches_refuse_resp3(redisReplyObjectFunctions *functions) {
#if HIREDIS_MAJOR >= 1
    functions->createDouble = caches_refuse_double;
    functions->createBool = caches_refuse_bool;
#else
    (void)functions;
#endif
}

// `redisReaderSetPrivdata` is a macro, and its cast truncates a pointer in 0.14.
static inline void caches_reader_set_context(redisReader *reader, void *context) {
    reader->privdata = context;
}

// Bytes fed to the reader that no reply has used up so far.
static inline size_t caches_reader_buffered(const redisReader *reader) {
    return reader->len - reader->pos;
}

// The task that the reader is at, NULL if it has not begun any.
static inline const redisReadTask *caches_reader_task(const redisReader *reader) {
    if (reader->ridx < 0) return NULL;
#if HIREDIS_MAJOR >= 1
    return reader->task[reader->ridx];
#else
    return &reader->rstack[reader->ridx];
#endif
}

// Whether the reader has seen the beginning of a reply and not its end. When it finds its buffer empty it prepares
// the outermost task, of no type as yet: that is not the beginning of anything.
static inline bool caches_reader_is_inside_reply(const redisReader *reader) {
    if (caches_reader_buffered(reader) > 0 || reader->ridx > 0) return true;
    const redisReadTask *task = caches_reader_task(reader);
    return task != NULL && task->type >= 0;
}

// The length of the bulk string that the reader waits for, as the peer announced it; -1 if it waits for none.
// Of its line only digits are read, and at most 18 of them, which can't overflow.
static inline long long caches_reader_announced(const redisReader *reader) {
    const redisReadTask *task = caches_reader_task(reader);
    if (task == NULL || task->type != REDIS_REPLY_STRING) return -1;
    long long length = -1;
    for (size_t i = 0; i < 18 && reader->pos + i < reader->len; i++) {
        char c = reader->buf[reader->pos + i];
        if (c < '0' || c > '9') break;
        length = (length < 0 ? 0 : length * 10) + (c - '0');
    }
    return length;
}

// Whether the reader has begun a line and waits for its end. Of a bulk string that is the line of its length: at most 20
// digits with a sign, in what is well formed.
static inline bool caches_reader_is_inside_line(const redisReader *reader) {
    const redisReadTask *task = caches_reader_task(reader);
    if (task == NULL || task->type < 0) return false;
    if (task->type != REDIS_REPLY_STRING) return true;
    size_t length = caches_reader_buffered(reader);
    for (size_t i = 0; i + 1 < length && i < 24; i++) {
        if (reader->buf[reader->pos + i] == '\r' && reader->buf[reader->pos + i + 1] == '\n') return false;
    }
    return true;
}

// The last byte that was fed, -1 if all have been used up.
static inline int caches_reader_last(const redisReader *reader) {
    return caches_reader_buffered(reader) > 0 ? (unsigned char)reader->buf[reader->len - 1] : -1;
}

// The text is an array inside the struct, which Swift would import as a tuple of 128 characters.
static inline const char *caches_reader_error(const redisReader *reader) {
    return reader->errstr;
}

#endif
