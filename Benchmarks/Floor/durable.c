#include "durable.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static sqlite3 *database;
static sqlite3_stmt *begin, *insert, *commit;

static void check(int result) {
    if (result == SQLITE_OK || result == SQLITE_DONE) return;
    fprintf(stderr, "floor: the file: %s\n", sqlite3_errmsg(database));
    exit(1);
}

static sqlite3_stmt *prepare(const char *sql) {
    sqlite3_stmt *statement;
    check(sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL));
    return statement;
}

static void run(sqlite3_stmt *statement) {
    check(sqlite3_step(statement));
    check(sqlite3_reset(statement));
}

// With the coordinator's settings.
void keep_in(const char *file) {
    check(sqlite3_open(file, &database));
    check(sqlite3_exec(database,
        "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE message (number INTEGER PRIMARY KEY, request INTEGER, body BLOB)",
        NULL, NULL, NULL));
    begin = prepare("BEGIN IMMEDIATE");
    insert = prepare("INSERT INTO message (request, body) VALUES (?, ?)");
    commit = prepare("COMMIT");
}

void begin_batch(void) { run(begin); }

// The request's id is the first field, a varint; one without has 0.
static int64_t id_of(const unsigned char *message, size_t size) {
    uint64_t id = 0;
    if (size == 0 || message[0] != 0x08) return 0;
    for (size_t i = 1; i < size && i <= 10; i++) {
        id |= (uint64_t)(message[i] & 0x7F) << (7 * (i - 1));
        if (message[i] < 0x80) return (int64_t)id;
    }
    return 0;
}

void keep(const unsigned char *message, size_t size) {
    check(sqlite3_bind_int64(insert, 1, id_of(message, size)));
    check(sqlite3_bind_blob64(insert, 2, message, size, SQLITE_STATIC));
    run(insert);
}

void commit_batch(void) { run(commit); }
