/*
 * The entry point of every fuzz driver, as libFuzzer calls it. Without libFuzzer, replay_main.c
 * calls it with the files of the driver's corpus.
 */
#ifndef CLIENTELE_TEST_FUZZ_H
#define CLIENTELE_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Runs one input; aborts when a rule is broken. Always returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
