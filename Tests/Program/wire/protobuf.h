// The little of protobuf that it takes (https://protobuf.dev/programming-guides/encoding).
#pragma once
#include <stdbool.h>
#include <string.h>
#include "process.h"

enum { MESSAGE_BYTES = 65536 };

// A message that is being written.
typedef struct {
    size_t size;
    uint8_t bytes[MESSAGE_BYTES];
} Frame;

// The rest of a message that is being read.
typedef struct {
    const uint8_t *next, *end;
} Reader;

// Of a number its value, or its bits; of a text, bytes or a message what is inside.
typedef struct {
    uint32_t number;
    uint64_t value;
    Reader inside;
} Field;

static void put_byte(Frame *frame, uint8_t byte) {
    if (frame->size == sizeof frame->bytes) die(REFUSED, "The request is too long for a message.");
    frame->bytes[frame->size++] = byte;
}

static void put_varint(Frame *frame, uint64_t number) {
    for (; number >= 0x80; number >>= 7) put_byte(frame, (uint8_t)(number | 0x80));
    put_byte(frame, (uint8_t)number);
}

static void put_number(Frame *frame, uint32_t field, uint64_t number) {
    put_varint(frame, field << 3);
    put_varint(frame, number);
}

static void put_fixed64(Frame *frame, uint32_t field, uint64_t number) {
    put_varint(frame, field << 3 | 1);
    for (int shift = 0; shift < 64; shift += 8) put_byte(frame, (uint8_t)(number >> shift));
}

static void put_double(Frame *frame, uint32_t field, double number) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    put_fixed64(frame, field, bits);
}

// Bytes, a text, or a message that was written before.
static void put_bytes(Frame *frame, uint32_t field, const void *bytes, size_t size) {
    put_varint(frame, field << 3 | 2);
    put_varint(frame, size);
    for (size_t index = 0; index < size; index++) put_byte(frame, ((const uint8_t *)bytes)[index]);
}

static void put_text(Frame *frame, uint32_t field, const char *text) {
    if (*text != 0) put_bytes(frame, field, text, strlen(text));
}

static uint64_t get_varint(Reader *reader) {
    uint64_t number = 0;
    for (int shift = 0; shift < 64 && reader->next < reader->end; shift += 7) {
        uint8_t byte = *reader->next++;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return number;
    }
    die(REFUSED, "The coordinator sent something that is not a message.");
}

// The next field, whatever it is, so that those of newer versions are passed over; false at the
// end.
static bool get_field(Reader *reader, Field *field) {
    if (reader->next == reader->end) return false;
    uint64_t tag = get_varint(reader);
    *field = (Field){.number = (uint32_t)(tag >> 3)};
    uint64_t size = 0;
    switch (tag & 7) {
    case 0: field->value = get_varint(reader); return true;
    case 1: size = 8; break;
    case 2: size = get_varint(reader); break;
    case 5: size = 4; break;
    default: size = UINT64_MAX;
    }
    if (size > (uint64_t)(reader->end - reader->next))
        die(REFUSED, "The coordinator sent something that is not a message.");
    field->inside = (Reader){reader->next, reader->next + size};
    if ((tag & 7) != 2)
        for (size_t index = size; index-- > 0;)
            field->value = field->value << 8 | reader->next[index];
    reader->next += size;
    return true;
}

static double as_double(uint64_t bits) {
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static void copy_text(char *to, size_t room, Reader text) {
    size_t size = (size_t)(text.end - text.next);
    if (size >= room) die(REFUSED, "The coordinator sent a text that is too long.");
    memcpy(to, text.next, size);
    to[size] = 0;
}
