// The least that a server on ZeroMQ does: a ROUTER that sends each message back as it came. It decodes
// nothing, decides nothing and keeps nothing. What a coordinator costs is measured against it.
//
//   floor                the port is any free one, and the first line of the output
//   floor SECRET_KEY     encrypts, with a secret key of CURVE as 64 hexadecimal digits
//
// It ends when its input does, so that it never outlives who measures.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <zmq.h>

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

static void echo_what_is_there(void *router) {
    zmq_msg_t peer, body;
    for (;;) {
        zmq_msg_init(&peer);
        if (zmq_msg_recv(&peer, router, ZMQ_DONTWAIT) < 0) {
            if (zmq_errno() == EINTR) continue;
            if (zmq_errno() == EAGAIN) return;
            check(-1, "receiving");
        }
        zmq_msg_init(&body);
        check(zmq_msg_recv(&body, router, 0), "receiving");
        int is_alone = !zmq_msg_more(&body);
        // A client that is gone, or does not read, gets nothing.
        if (is_alone && zmq_msg_send(&peer, router, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0) {
            check(zmq_msg_send(&body, router, ZMQ_DONTWAIT), "sending");
        } else {
            zmq_msg_close(&peer);
            zmq_msg_close(&body);
        }
    }
}

int main(int count, char **arguments) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);

    void *context = zmq_ctx_new();
    void *router = make_router(context, count > 1 ? arguments[1] : NULL);
    say_port(router);
    for (;;) {
        zmq_pollitem_t items[] = {{router, 0, ZMQ_POLLIN, 0}, {NULL, STDIN_FILENO, ZMQ_POLLIN, 0}};
        if (zmq_poll(items, 2, -1) < 0 && zmq_errno() != EINTR) check(-1, "polling");
        if (items[1].revents) break;
        echo_what_is_there(router);
    }
    zmq_close(router);
    zmq_ctx_term(context);
    return 0;
}
