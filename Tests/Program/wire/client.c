// A worker in C, written from docs/wire alone, with libzmq and libsodium. The little of protobuf
// that it takes is in a header beside it.
//
//     cc -std=c11 client.c -o client $(pkg-config --cflags --libs libzmq libsodium)
//     ./client ADDRESS NAME [MILLISECONDS [REPORTS]]
//
// It trains nothing: a step takes MILLISECONDS (0), its score is made up, and its checkpoints are
// names of files that nobody writes. After REPORTS reports it leaves; without them it goes on until
// it is told to stop. It prints a line for each thing that it is told. It exits with 0 after a stop
// or after leaving, 1 when it is refused, 2 when it is called wrongly, and 3 when nobody answers.
#define _POSIX_C_SOURCE 200809L
#include "connection.h"

enum { CHECKPOINT_BYTES = 4096, MOST_RELEASED = 64 };

typedef struct {
    uint64_t token, member, step, target, sequence;
    bool needs_effect;
    char checkpoint[CHECKPOINT_BYTES + 1];
    // As they are printed.
    char hyperparameters[4096];
} Lease;

typedef enum { TRAIN, JOIN_AGAIN, STOP } Next;

static Lease lease;
// The lease that is renewed by heartbeats, and given back at the end; 0 for none.
static uint64_t held;
static uint64_t heartbeats, reports;
// Numbers of releases that the next report names.
static uint64_t released[MOST_RELEASED];
static size_t releases;

static void add_hyperparameter(Reader reader) {
    char name[65] = "", value[1025] = "?";
    for (Field field; get_field(&reader, &field);) {
        if (field.number == 1) copy_text(name, sizeof name, field.inside);
        if (field.number != 2) continue;
        for (Field kind; get_field(&field.inside, &kind);) {
            uint64_t bits = kind.value;
            int64_t integer = (int64_t)(bits >> 1 ^ -(bits & 1));
            switch (kind.number) {
            case 1: snprintf(value, sizeof value, "%.17g", as_double(bits)); break;
            case 2: snprintf(value, sizeof value, "%" PRId64, integer); break;
            case 3: copy_text(value, sizeof value, kind.inside); break;
            case 4: snprintf(value, sizeof value, "%s", bits != 0 ? "true" : "false"); break;
            }
        }
    }
    size_t used = strlen(lease.hyperparameters), room = sizeof lease.hyperparameters - used;
    if (snprintf(lease.hyperparameters + used, room, " %s=%s", name, value) >= (int)room)
        die(REFUSED, "This client has no room for so many hyperparameters.");
}

static void print_told(const char *what) {
    const char *load = *lease.checkpoint != 0 ? lease.checkpoint : "-";
    printf("%s member=%" PRIu64 " step=%" PRIu64 " target=%" PRIu64 " load=%s%s\n", what,
           lease.member, lease.step, lease.target, load, lease.hyperparameters);
}

// Takes everything from a lease.
static Next take_lease(Reader reader) {
    lease = (Lease){0};
    for (Field field; get_field(&reader, &field);) {
        switch (field.number) {
        case 1: lease.token = field.value; break;
        case 2: lease.member = field.value; break;
        case 3: lease.step = field.value; break;
        case 4: lease.target = field.value; break;
        case 5: add_hyperparameter(field.inside); break;
        case 6: copy_text(lease.checkpoint, sizeof lease.checkpoint, field.inside); break;
        case 7: lease.sequence = field.value; break;
        case 10: lease.needs_effect = field.value != 0; break;
        }
    }
    held = lease.token;
    print_told("lease");
    return TRAIN;
}

// The member became its donor, and is trained on under the same lease.
static void take_exploit(Reader reader) {
    *lease.checkpoint = *lease.hyperparameters = 0;
    lease.step = 0;
    for (Field field; get_field(&reader, &field);) {
        switch (field.number) {
        case 2: lease.step = field.value; break;
        case 4: copy_text(lease.checkpoint, sizeof lease.checkpoint, field.inside); break;
        case 6: add_hyperparameter(field.inside); break;
        }
    }
    lease.needs_effect = true;
    print_told("exploit");
}

static void note_release(Reader reader) {
    for (Field field; get_field(&reader, &field);)
        // This client deletes nothing, and says so at once.
        if (field.number == 1 && releases < MOST_RELEASED) released[releases++] = field.value;
}

static Next follow(const Reply *reply) {
    if (reply->kind != DIRECTIVE) refuse(reply);
    Field exploit = {0}, assignment = {0};
    Reader reader = reply->body;
    for (Field field; get_field(&reader, &field);) {
        if (field.number == 2) exploit = field;
        if (field.number >= 3 && field.number <= 6) assignment = field;
        if (field.number == 7) note_release(field.inside);
    }
    Field field;
    switch (assignment.number) {
    case 3:
        while (get_field(&assignment.inside, &field))
            if (field.number == 1) lease.target = field.value;
        if (exploit.number != 0) take_exploit(exploit.inside);
        else printf("same member=%" PRIu64 " target=%" PRIu64 "\n", lease.member, lease.target);
        return TRAIN;
    case 4: return take_lease(assignment.inside);
    case 5: {
        uint64_t milliseconds = 0;
        while (get_field(&assignment.inside, &field))
            if (field.number == 1) milliseconds = field.value;
        held = 0;
        printf("wait milliseconds=%" PRIu64 "\n", milliseconds);
        pause_for((int64_t)milliseconds);
        return JOIN_AGAIN;
    }
    case 6: {
        char reason[4100] = "";
        while (get_field(&assignment.inside, &field))
            if (field.number == 1) copy_text(reason, sizeof reason, field.inside);
        held = 0;
        printf("stop %s\n", reason);
        return STOP;
    }
    default: die(REFUSED, "The directive has no assignment that this client knows.");
    }
}

// Whether the lease is over that was named.
static bool is_over(const Reply *reply) {
    return reply->kind == ERROR && (reply->code == UNKNOWN_LEASE || reply->code == LEASE_LAPSED);
}

// Asks for a member, or where the lease stands that is held.
static Next join(const char *name, uint64_t asked) {
    static Frame body;
    uint8_t key[16];
    body.size = 0;
    randombytes_buf(key, sizeof key);
    put_bytes(&body, 1, key, sizeof key);
    put_text(&body, 2, address.population);
    put_text(&body, 3, name);
    if (asked != 0) put_fixed64(&body, 5, asked);
    else if (lease.token != 0) put_fixed64(&body, 7, lease.token);
    Reply reply;
    ask(JOIN, &body, &reply, INT64_MAX / 2);
    return is_over(&reply) ? JOIN_AGAIN : follow(&reply);
}

// Lets time pass, with heartbeats in between; false when the lease is gone.
static bool train(int64_t milliseconds) {
    for (int64_t end = now() + milliseconds; now() < end;) {
        if (now() - sent >= heartbeat_interval) {
            Frame body = {0};
            put_fixed64(&body, 1, held);
            send_body(HEARTBEAT, &body);
            sent = now();
            heartbeats++;
        }
        int64_t rest = end - now(), due = sent + heartbeat_interval - now();
        Reply reply;
        if (!receive(&reply, rest < due ? rest : due) || reply.kind != ALIVE) continue;
        for (Field field; get_field(&reply.body, &field);)
            // One lease was named, so whatever is gone is that.
            if (field.number == 1) return false;
    }
    return true;
}

static Next report(const char *name) {
    static Frame body;
    static char checkpoint[CHECKPOINT_BYTES + 1];
    // A random part, so that no address is ever used again.
    snprintf(checkpoint, sizeof checkpoint, "/made-up/%s/%" PRIu64 "-%" PRIu64 "-%08x%08x", name,
             lease.member, lease.target, randombytes_random(), randombytes_random());
    double score = (double)((lease.member * 31 + lease.target * 17) % 97);
    body.size = 0;
    put_fixed64(&body, 1, lease.token);
    put_number(&body, 2, lease.sequence + 1);
    put_number(&body, 3, lease.target);
    put_double(&body, 4, score);
    put_text(&body, 5, checkpoint);
    if (lease.needs_effect) put_number(&body, 8, 1);
    for (size_t index = 0; index < releases; index++) put_number(&body, 9, released[index]);
    Reply reply;
    ask(REPORT, &body, &reply, INT64_MAX / 2);
    if (is_over(&reply)) {
        held = 0;
        return JOIN_AGAIN;
    }
    if (reply.kind == ERROR && reply.code == STALE_SEQUENCE) return join(name, lease.token);
    if (reply.kind != DIRECTIVE) refuse(&reply);
    reports++;
    lease.sequence++;
    printf("report member=%" PRIu64 " sequence=%" PRIu64 " step=%" PRIu64 " checkpoint=%s\n",
           lease.member, lease.sequence, lease.target, checkpoint);
    lease.step = lease.target;
    // It had a checkpoint, so that the member is itself again.
    lease.needs_effect = false;
    releases = 0;
    return follow(&reply);
}

static void leave(void) {
    Frame body = {0};
    uint8_t key[16];
    randombytes_buf(key, sizeof key);
    put_bytes(&body, 1, key, sizeof key);
    put_fixed64(&body, 2, held);
    Reply reply;
    // Without an answer the lease lapses by itself.
    if (ask(LEAVE, &body, &reply, 3000) && reply.kind == LEFT)
        printf("left member=%" PRIu64 "\n", lease.member);
}

int main(int count, char **arguments) {
    if (count < 3 || count > 5 || sodium_init() < 0)
        die(USAGE, "Usage: client ADDRESS NAME [MILLISECONDS [REPORTS]]");
    const char *name = arguments[2];
    int64_t milliseconds = count > 3 ? atoll(arguments[3]) : 0;
    uint64_t most = count > 4 ? strtoull(arguments[4], NULL, 10) : UINT64_MAX;
    setvbuf(stdout, NULL, _IOLBF, 0);
    read_address(&address, arguments[1]);
    context = zmq_ctx_new();
    open_socket();
    Next next = JOIN_AGAIN;
    while (next != STOP && reports < most) {
        if (next == JOIN_AGAIN) {
            next = join(name, 0);
        } else if (!train(milliseconds * (int64_t)(lease.target - lease.step))) {
            printf("gone member=%" PRIu64 "\n", lease.member);
            held = 0;
            next = JOIN_AGAIN;
        } else {
            next = report(name);
        }
    }
    if (held != 0) leave();
    printf("end reports=%" PRIu64 " heartbeats=%" PRIu64 "\n", reports, heartbeats);
    zmq_close(dealer);
    zmq_ctx_term(context);
    return 0;
}
