// The address of a coordinator, and the keys that come from it.
#pragma once
#include <netdb.h>
#include <sodium.h>
#include <strings.h>
#include "protobuf.h"

enum { KEY_BYTES = 32 };

typedef struct {
    char endpoint[300];
    char population[65];
    bool needs_ipv6, is_encrypted;
    uint8_t server_public[KEY_BYTES], client_secret[KEY_BYTES], client_public[KEY_BYTES];
} Address;

static void read_key(uint8_t *key, const char *text, size_t size) {
    size_t length = 0;
    const int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    if (size != 43
        || sodium_base642bin(key, KEY_BYTES, text, size, NULL, &length, NULL, variant) != 0
        || length != KEY_BYTES)
        die(USAGE, "The address's invitation is damaged; copy all of it.");
}

static size_t decode_percent(char *to, const char *text, size_t size) {
    size_t length = 0;
    for (size_t index = 0; index < size; index++) {
        char byte = text[index];
        if (byte == '%') {
            uint8_t decoded;
            size_t digits = 0;
            if (index + 2 >= size
                || sodium_hex2bin(&decoded, 1, text + index + 1, 2, NULL, &digits, NULL) != 0
                || digits != 1)
                die(USAGE, "The address's secret has a %% that begins no byte; write it as %%25.");
            byte = (char)decoded;
            index += 2;
        }
        to[length++] = byte;
    }
    return length;
}

static void read_keys(Address *address, const char *user, size_t size) {
    const char *invited = "invited:";
    if (size == 0) die(USAGE, "The address has an @ and no secret before it.");
    address->is_encrypted = true;
    if (size >= strlen(invited) && strncmp(user, invited, strlen(invited)) == 0) {
        const char *keys = user + strlen(invited), *end = user + size;
        const char *dot = memchr(keys, '.', (size_t)(end - keys));
        if (dot == NULL) die(USAGE, "The address's invitation is damaged; copy all of it.");
        read_key(address->client_secret, keys, (size_t)(dot - keys));
        read_key(address->server_public, dot + 1, (size_t)(end - dot - 1));
    } else {
        char *secret = malloc(size);
        uint8_t both[2 * KEY_BYTES];
        const char *salt = "murmuration/v1/curve";
        size_t length = decode_percent(secret, user, size);
        if (crypto_pwhash_scryptsalsa208sha256_ll(
                (uint8_t *)secret, length, (const uint8_t *)salt, strlen(salt), 1 << 15, 8, 1, both,
                sizeof both)
            != 0)
            die(REFUSED, "There is no memory to derive keys with.");
        free(secret);
        // The server's secret key comes first.
        crypto_scalarmult_base(address->server_public, both);
        memcpy(address->client_secret, both + KEY_BYTES, KEY_BYTES);
    }
    crypto_scalarmult_base(address->client_public, address->client_secret);
}

static void read_address(Address *address, const char *text) {
    const char *scheme = "murmur://";
    if (strncasecmp(text, scheme, strlen(scheme)) != 0)
        die(USAGE, "The address does not begin with %s.", scheme);
    text += strlen(scheme);
    const char *slash = strchr(text, '/');
    const char *end = slash == NULL ? text + strlen(text) : slash, *host = text;
    if (slash != NULL && strlen(slash + 1) >= sizeof address->population)
        die(USAGE, "The address's population has a name that is too long.");
    strcpy(address->population, slash == NULL ? "" : slash + 1);
    for (const char *each = text; each < end; each++)
        if (*each == '@') host = each + 1;
    if (host != text) read_keys(address, text, (size_t)(host - 1 - text));
    const char *last = *host == '[' ? memchr(host, ']', (size_t)(end - host)) : host;
    const char *colon = last == NULL ? NULL : memchr(last, ':', (size_t)(end - last));
    const char *port = colon == NULL ? "7777" : colon + 1;
    int name = (int)((colon == NULL ? end : colon) - host);
    int digits = colon == NULL ? (int)strlen(port) : (int)(end - port);
    int written = snprintf(
        address->endpoint, sizeof address->endpoint, "tcp://%.*s:%.*s", name, host, digits, port);
    if (last == NULL || name == 0 || written >= (int)sizeof address->endpoint)
        die(USAGE, "The address has no host and port that fit.");
    char plain[300];
    snprintf(plain, sizeof plain, "%.*s", name, host);
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found = NULL;
    // libzmq tries one address of a name.
    address->needs_ipv6 = getaddrinfo(plain, NULL, &hints, &found) != 0;
    if (found != NULL) freeaddrinfo(found);
}
