/* SPDX-License-Identifier: MIT */
/*
 * The input is a small picture of a large, mostly empty beginning of a device: a digit for the size
 * of the page, ten bytes of signature, and then what stands at byte 1024.
 */
#include "abi.h"
#include "fuzz.h"
#include "swapheader.h"

static void check_round_trip(const struct swapheader *h)
{
    _cleanup_(free_ptr) uint8_t *page = malloc(h->page_size);
    struct swapheader again;

    MUST(page);
    swapheader_format(h, page);
    swapheader_parse(page, h->page_size, h->page_size, &again);
    MUST(again.kind == SWAPHEADER_VALID && again.pages == h->pages && again.bad_pages == 0);
    MUST(memcmp(again.uuid, h->uuid, sizeof(h->uuid)) == 0 && streq(again.label, h->label));
}

static void check(const uint8_t *buf, size_t len, uint32_t page_size)
{
    struct swapheader h;

    swapheader_parse(buf, len, page_size, &h);
    MUST(h.label[SWAPHEADER_LABEL_MAX] == '\0');
    if (h.kind == SWAPHEADER_VALID || h.kind == SWAPHEADER_PAGE_SIZE) {
        MUST(h.pages >= 2 && h.bad_pages < h.pages && h.page_size <= len);
        MUST((h.kind == SWAPHEADER_VALID) == (h.page_size == page_size));
        check_round_trip(&h);
    } else {
        MUST(h.pages == 0);
    }
}

static void check_picture(const uint8_t *data, size_t size)
{
    uint32_t page_size = UINT32_C(4096) << (data[0] % 5);
    size_t room = page_size - 1024 - ABI_SWAP_SIGNATURE_LEN;
    size_t given = size - 1 - ABI_SWAP_SIGNATURE_LEN, n = given < room ? given : room;
    _cleanup_(free_ptr) uint8_t *page = calloc(1, page_size);

    MUST(page);
    memcpy(page + 1024, data + 1 + ABI_SWAP_SIGNATURE_LEN, n);
    memset(page + 1024 + n, data[size - 1], room - n);
    memcpy(page + page_size - ABI_SWAP_SIGNATURE_LEN, data + 1, ABI_SWAP_SIGNATURE_LEN);
    check(page, page_size, 4096);
    check(page, page_size, page_size);
    check(page, page_size - 1, page_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *exact = fuzz_text(data, size);
    uint64_t pages;

    check((const uint8_t *)exact, size, 4096);
    check((const uint8_t *)exact, size, (uint32_t)size);
    if (size > ABI_SWAP_SIGNATURE_LEN)
        check_picture(data, size);
    if (size >= sizeof(pages)) {
        memcpy(&pages, data, sizeof(pages));
        if (swapheader_round(pages, 4096, &pages) == 0)
            MUST(pages >= SWAPHEADER_PAGES_MIN && pages <= UINT32_MAX);
    }
    return 0;
}
