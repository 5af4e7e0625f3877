// The least that a server on ZeroMQ does: a ROUTER that sends each message back as it came. It decodes
// nothing, decides nothing and keeps nothing. What a coordinator costs is measured against it.
//
//   floor                   the port is any free one, and the first line of the output
//   floor --secret KEY      encrypts, with a secret key of CURVE as 64 hexadecimal digits
//   floor --journal FILE    the least that a durable one does: before it sends back what is there, each
//                           message is in a row of the file, and all of them are committed
//
// It ends when its input does, so that it never outlives who measures.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <zmq.h>

#include "durable.h"

// Messages of a batch at most, as many as the coordinator's.
enum { MOST = 1024 };

static void check(int result, const char *what) {
    if (result < 0) {
        fprintf(stderr, "floor: %s: %s\n", what, zmq_strerror(zmq_errno()));
        exit(1);
    }
}

static void set(void *socket, int option, int value) {
    check(zmq_setsockopt(socket, option, &value, sizeof value), "a socket option");
}

static void encrypt(void *router, const char *digits) {
    unsigned char key[32];
    for (int i = 0; i < 32; i++) {
        if (sscanf(digits + 2 * i, "%2hhx", &key[i]) != 1) {
            fprintf(stderr, "floor: a key has 64 hexadecimal digits.\n");
            exit(2);
        }
    }
    set(router, ZMQ_CURVE_SERVER, 1);
    check(zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, key, sizeof key), "the key");
}

// The same limits as the coordinator's sockets.
static void *make_router(void *context, const char *secret_key) {
    void *router = zmq_socket(context, ZMQ_ROUTER);
    check(router == NULL ? -1 : 0, "the socket");
    set(router, ZMQ_LINGER, 0);
    set(router, ZMQ_ROUTER_MANDATORY, 1);
    set(router, ZMQ_SNDHWM, 128);
    set(router, ZMQ_RCVHWM, 128);
    set(router, ZMQ_BACKLOG, 4096);
    set(router, ZMQ_TCP_KEEPALIVE, 1);
    if (secret_key != NULL) encrypt(router, secret_key);
    check(zmq_bind(router, "tcp://127.0.0.1:*"), "binding");
    return router;
}

static void say_port(void *router) {
    char endpoint[256];
    size_t size = sizeof endpoint;
    check(zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint, &size), "the endpoint");
    printf("%s\n", strrchr(endpoint, ':') + 1);
    fflush(stdout);
}

// Whether a message of one frame came; what has several is dropped.
static int receive(void *router, zmq_msg_t *peer, zmq_msg_t *body) {
    for (;;) {
        zmq_msg_init(peer);
        if (zmq_msg_recv(peer, router, ZMQ_DONTWAIT) < 0) {
            if (zmq_errno() == EINTR) continue;
            if (zmq_errno() == EAGAIN) return 0;
            check(-1, "receiving");
        }
        zmq_msg_init(body);
        check(zmq_msg_recv(body, router, 0), "receiving");
        if (!zmq_msg_more(body)) return 1;
        zmq_msg_close(peer);
        zmq_msg_close(body);
    }
}

// A client that is gone, or does not read, gets nothing.
static void send_back(void *router, zmq_msg_t *peer, zmq_msg_t *body) {
    if (zmq_msg_send(peer, router, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0) {
        check(zmq_msg_send(body, router, ZMQ_DONTWAIT), "sending");
    } else {
        zmq_msg_close(peer);
        zmq_msg_close(body);
    }
}

static void echo_what_is_there(void *router) {
    zmq_msg_t peer, body;
    while (receive(router, &peer, &body)) send_back(router, &peer, &body);
}

static void keep_and_echo_what_is_there(void *router) {
    static zmq_msg_t peers[MOST], bodies[MOST];
    int count = 0;
    while (count < MOST && receive(router, &peers[count], &bodies[count])) {
        if (count == 0) begin_batch();
        keep(zmq_msg_data(&bodies[count]), zmq_msg_size(&bodies[count]));
        count++;
    }
    if (count > 0) commit_batch();
    for (int i = 0; i < count; i++) send_back(router, &peers[i], &bodies[i]);
}

static void usage(void) {
    fprintf(stderr, "floor: usage: floor [--secret KEY] [--journal FILE]\n");
    exit(2);
}

int main(int count, char **arguments) {
    const char *secret_key = NULL, *journal = NULL;
    for (int i = 1; i < count; i += 2) {
        if (i + 1 == count) usage();
        if (strcmp(arguments[i], "--secret") == 0) secret_key = arguments[i + 1];
        else if (strcmp(arguments[i], "--journal") == 0) journal = arguments[i + 1];
        else usage();
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);

    void *context = zmq_ctx_new();
    void *router = make_router(context, secret_key);
    if (journal != NULL) keep_in(journal);
    say_port(router);
    for (;;) {
        zmq_pollitem_t items[] = {{router, 0, ZMQ_POLLIN, 0}, {NULL, STDIN_FILENO, ZMQ_POLLIN, 0}};
        if (zmq_poll(items, 2, -1) < 0 && zmq_errno() != EINTR) check(-1, "polling");
        if (items[1].revents) break;
        if (journal != NULL) keep_and_echo_what_is_there(router);
        else echo_what_is_there(router);
    }
    zmq_close(router);
    zmq_ctx_term(context);
    return 0;
}
