// The limit: hiredis, without threads, tasks or an event loop.
#define _GNU_SOURCE
#include "yardsticks.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { many = 100, every = 16 };

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

int yardstick_hiredis(const char *host, int port, enum yardstick_command command, const char *prefix,
                      int keys, const char *value, long depth, long operations, uint64_t *latencies, long room,
                      long *recorded) {
    *recorded = 0;
    redisContext *connection = redisConnect(host, port);
    if (!connection || connection->err) {
        redisFree(connection);
        return 1;
    }
    char(*names)[64] = malloc((size_t)keys * sizeof *names);
    size_t *lengths = malloc((size_t)keys * sizeof *lengths);
    for (int i = 0; i < keys; i++) {
        snprintf(names[i], sizeof names[i], "%s%d", prefix, 10000000 + i);
        lengths[i] = strlen(names[i]);
    }
    const char *words[1 + many] = {command == yardstick_set ? "SET" : command == yardstick_get ? "GET" : "MGET"};
    size_t sizes[1 + many] = {strlen(words[0])};
    int count = command == yardstick_set ? 3 : command == yardstick_get ? 2 : 1 + many;
    words[2] = value;
    sizes[2] = strlen(value);
    if (command == yardstick_mget)
        for (int i = 0; i < many; i++) words[1 + i] = names[i], sizes[1 + i] = lengths[i];

    int failed = 0;
    for (long done = 0; done < operations && !failed; done += depth) {
        uint64_t start = now();
        for (long i = 0; i < depth; i++) {
            if (command != yardstick_mget) {
                words[1] = names[(done + i) % keys];
                sizes[1] = lengths[(done + i) % keys];
            }
            redisAppendCommandArgv(connection, count, words, sizes);
        }
        for (long i = 0; i < depth && !failed; i++) {
            redisReply *reply = NULL;
            failed = redisGetReply(connection, (void **)&reply) != REDIS_OK || reply->type == REDIS_REPLY_ERROR;
            if (reply) freeReplyObject(reply);
            if ((done + i) % every == 0 && *recorded < room) latencies[(*recorded)++] = now() - start;
        }
    }
    free(names);
    free(lengths);
    redisFree(connection);
    return failed;
}
