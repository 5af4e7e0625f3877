// A file of messages, each in a row, one commit for as many as came together.
#pragma once
#include <stddef.h>

void keep_in(const char *file);
void begin_batch(void);
void keep(const unsigned char *message, size_t size);
// Returns when the batch is on the disk.
void commit_batch(void);
