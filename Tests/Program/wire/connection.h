// One DEALER: requests that are sent again until there is an answer.
#pragma once
#include <inttypes.h>
#include <zmq.h>
#include "address.h"

enum { CURVE_BYTES = 33 };
// Milliseconds, but for the waits without a reply after which the socket is made anew.
enum { FIRST_WAIT = 2000, LONGEST_WAIT = 15000, MISSES = 3, PATIENCE = 30000 };

// The tags of Request.body and Reply.body, and the codes of errors.
enum { HELLO = 2, JOIN = 3, REPORT = 4, LEAVE = 6, HEARTBEAT = 7 };
enum { ERROR = 4, WELCOME = 5, DIRECTIVE = 6, LEFT = 7, ALIVE = 8 };
enum { UNKNOWN_LEASE = 7, LEASE_LAPSED = 8, STALE_SEQUENCE = 9, UNAVAILABLE = 10 };

typedef struct {
    uint64_t id, epoch;
    uint32_t kind;
    Reader body;
    // Of an error.
    uint64_t code;
    char sentence[4100];
} Reply;

static Address address;
static void *context, *dealer;
static uint64_t ids, epoch;
static bool is_greeted, was_greeted;
static int64_t heartbeat_interval, return_time;
// When the coordinator was last sent something that renews the lease.
static int64_t sent;
static uint8_t incoming[MESSAGE_BYTES];

static void set(int option, const void *value, size_t size) {
    if (zmq_setsockopt(dealer, option, value, size) != 0)
        die(REFUSED, "libzmq refuses option %d.", option);
}

static void set_number(int option, int value) { set(option, &value, sizeof value); }

static void open_socket(void) {
    if (dealer != NULL) zmq_close(dealer);
    dealer = zmq_socket(context, ZMQ_DEALER);
    int64_t longest = MESSAGE_BYTES + CURVE_BYTES;
    set(ZMQ_MAXMSGSIZE, &longest, sizeof longest);
    set_number(ZMQ_LINGER, 0);
    set_number(ZMQ_IMMEDIATE, 1);
    set_number(ZMQ_IPV6, address.needs_ipv6);
    set_number(ZMQ_HEARTBEAT_IVL, 15000);
    set_number(ZMQ_HEARTBEAT_TIMEOUT, 30000);
    set_number(ZMQ_HEARTBEAT_TTL, 45000);
    if (address.is_encrypted) {
        set(ZMQ_CURVE_SERVERKEY, address.server_public, KEY_BYTES);
        set(ZMQ_CURVE_PUBLICKEY, address.client_public, KEY_BYTES);
        set(ZMQ_CURVE_SECRETKEY, address.client_secret, KEY_BYTES);
        int mechanism = ZMQ_NULL;
        size_t size = sizeof mechanism;
        zmq_getsockopt(dealer, ZMQ_MECHANISM, &mechanism, &size);
        if (mechanism != ZMQ_CURVE) die(REFUSED, "This libzmq does not encrypt.");
    }
    if (zmq_connect(dealer, address.endpoint) != 0)
        die(USAGE, "%s is no place to connect to.", address.endpoint);
    is_greeted = false;
}

// Sends a body under a new id, which it returns. What cannot be sent now is lost, and sent again.
static uint64_t send_body(uint32_t kind, const Frame *body) {
    static Frame frame;
    frame.size = 0;
    put_number(&frame, 1, ++ids);
    put_bytes(&frame, kind, body->bytes, body->size);
    zmq_send(dealer, frame.bytes, frame.size, ZMQ_DONTWAIT);
    return ids;
}

static bool is_ready(short events, int64_t wait) {
    zmq_pollitem_t item = {.socket = dealer, .events = events};
    return zmq_poll(&item, 1, wait < 0 ? 0 : (long)wait) > 0;
}

// The next reply, which is good until the one after it; false when none comes for so long.
static bool receive(Reply *reply, int64_t wait) {
    if (!is_ready(ZMQ_POLLIN, wait)) return false;
    int size = zmq_recv(dealer, incoming, sizeof incoming, ZMQ_DONTWAIT);
    if (size < 0) return false;
    if (size > (int)sizeof incoming) die(REFUSED, "The coordinator sent too long a message.");
    Reader reader = {incoming, incoming + size};
    *reply = (Reply){0};
    for (Field field; get_field(&reader, &field);) {
        if (field.number == 1) reply->id = field.value;
        if (field.number == 2) reply->epoch = field.value;
        if (field.number < ERROR) continue;
        reply->kind = field.number;
        reply->body = field.inside;
    }
    if (reply->kind != ERROR) return true;
    for (Field field; get_field(&reply->body, &field);) {
        if (field.number == 1) reply->code = field.value;
        if (field.number == 2) copy_text(reply->sentence, sizeof reply->sentence, field.inside);
    }
    return true;
}

static bool await(uint64_t id, Reply *reply, int64_t end) {
    while (receive(reply, end - now()))
        if (reply->id == id) return true;
    return false;
}

static bool greet(int64_t patience);

// Asks until there is an answer, or until `patience` is over: then it returns false.
static bool ask(uint32_t kind, const Frame *body, Reply *reply, int64_t patience) {
    int64_t end = now() + patience, wait = FIRST_WAIT;
    for (int misses = 0; now() < end; wait = wait * 2 < LONGEST_WAIT ? wait * 2 : LONGEST_WAIT) {
        if (kind != HELLO && !is_greeted && !greet(end - now())) return false;
        // Partly random, so that workers that failed together do not come back together.
        int64_t again = now() + wait / 2 + randombytes_uniform((uint32_t)wait / 2 + 1);
        if (again > end) again = end;
        if (kind != HELLO) sent = now();
        // Nothing can be sent before the connection stands.
        bool is_answered = is_ready(ZMQ_POLLOUT, again - now())
                           && await(send_body(kind, body), reply, again);
        if (is_answered && (reply->kind != ERROR || reply->code != UNAVAILABLE)) {
            // It was restarted, and may have other times now.
            if (reply->epoch != epoch) is_greeted = false;
            return true;
        }
        pause_for(again - now());
        misses = is_answered ? 0 : misses + 1;
        if (misses == MISSES) {
            misses = 0;
            open_socket();
        }
    }
    return false;
}

static void refuse(const Reply *reply) {
    if (reply->kind == ERROR)
        die(REFUSED, "Refused with %" PRIu64 ": %s", reply->code, reply->sentence);
    die(REFUSED, "The coordinator answered with something else than was asked for.");
}

// Says Hello over a new socket, and to a coordinator that was restarted.
static bool greet(int64_t patience) {
    static Frame hello;
    hello.size = 0;
    put_number(&hello, 1, 1);
    put_number(&hello, 2, 1);
    put_text(&hello, 3, "client.c");
    if (return_time > 0) pause_for(randombytes_uniform((uint32_t)return_time));
    Reply reply;
    // Who was never welcomed may have a wrong address, or another secret.
    if (!ask(HELLO, &hello, &reply, was_greeted ? patience : PATIENCE)) {
        if (was_greeted) return false;
        die(UNREACHABLE, "Nobody lets this client in at %s.", address.endpoint);
    }
    if (reply.kind != WELCOME) refuse(&reply);
    for (Field field; get_field(&reply.body, &field);) {
        if (field.number == 3) heartbeat_interval = (int64_t)field.value;
        if (field.number == 5) return_time = (int64_t)field.value;
    }
    epoch = reply.epoch;
    is_greeted = was_greeted = true;
    printf("welcome epoch=%" PRIu64 "\n", epoch);
    return true;
}
