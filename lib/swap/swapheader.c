/* SPDX-License-Identifier: MIT */
#include "swapheader.h"

#include <byteswap.h>
#include <sys/random.h>

#include "abi.h"

static const uint32_t page_sizes[] = {4096, 8192, 16384, 32768, 65536};

/* Besides the kernel's own S1SUSPEND: those of uswsusp and others, as libblkid knows them. */
static const char *const suspend_signatures[] = {
    ABI_SWAP_SIGNATURE_SUSPEND,
    "S2SUSPEND",
    "ULSUSPEND",
    "LINHIB0001",
};
static const uint8_t tuxonice_signature[] = {0xed, 0xc3, 0x02, 0xe9, 0x98, 0x56, 0xe5, 0x0c};

static bool begins_with(const void *p, const char *signature)
{
    return memcmp(p, signature, strlen(signature)) == 0;
}

static bool is_suspended(const void *signature)
{
    for (size_t i = 0; i < ARRAY_SIZE(suspend_signatures); i++)
        if (begins_with(signature, suspend_signatures[i]))
            return true;
    return false;
}

static uint32_t host_order(uint32_t n, bool swapped)
{
    return swapped ? bswap_32(n) : n;
}

/* As read_swap_header() and setup_swap_map_and_extents() in mm/swapfile.c of the kernel. */
static bool usable(const uint8_t *page, uint32_t page_size, const struct abi_swap_header *raw,
                   bool swapped)
{
    const size_t bad_at = offsetof(struct abi_swap_header, badpages);
    uint32_t last = host_order(raw->last_page, swapped);
    uint32_t n_bad = host_order(raw->nr_badpages, swapped);

    if (host_order(raw->version, swapped) != 1 || last == 0)
        return false;
    if (n_bad > (page_size - ABI_SWAP_SIGNATURE_LEN - bad_at) / sizeof(last) || n_bad >= last)
        return false;
    for (uint32_t i = 0; i < n_bad; i++) {
        uint32_t bad;

        memcpy(&bad, page + bad_at + i * sizeof(bad), sizeof(bad));
        bad = host_order(bad, swapped);
        if (bad == 0 || bad > last)
            return false;
    }
    return true;
}

static void parse_version_1(const uint8_t *page, uint32_t page_size, struct swapheader *h)
{
    struct abi_swap_header raw;
    bool swapped;

    memcpy(&raw, page, sizeof(raw));
    swapped = bswap_32(raw.version) == 1;
    if (!usable(page, page_size, &raw, swapped)) {
        h->kind = SWAPHEADER_BROKEN;
        return;
    }
    h->kind = SWAPHEADER_VALID;
    h->pages = (uint64_t)host_order(raw.last_page, swapped) + 1;
    h->bad_pages = host_order(raw.nr_badpages, swapped);
    memcpy(h->uuid, raw.uuid, sizeof(h->uuid));
    memcpy(h->label, raw.volume_name, SWAPHEADER_LABEL_MAX);
}

/* Return: false if there is no signature where a page of this size would have it. */
static bool parse_page(const uint8_t *buf, size_t len, uint32_t page_size, struct swapheader *h)
{
    const uint8_t *signature;

    if (len < page_size || page_size < sizeof(struct abi_swap_header) + ABI_SWAP_SIGNATURE_LEN)
        return false;
    signature = buf + page_size - ABI_SWAP_SIGNATURE_LEN;
    *h = (struct swapheader){.page_size = page_size};
    if (is_suspended(signature))
        h->kind = SWAPHEADER_HIBERNATE;
    else if (begins_with(signature, ABI_SWAP_SIGNATURE))
        parse_version_1(buf, page_size, h);
    else if (begins_with(signature, ABI_SWAP_SIGNATURE_V0))
        h->kind = SWAPHEADER_OLD;
    else
        return false;
    return true;
}

void swapheader_parse(const void *buf, size_t len, uint32_t page_size, struct swapheader *out)
{
    struct swapheader h;

    *out = (struct swapheader){.kind = SWAPHEADER_NONE, .page_size = page_size};
    if (len >= sizeof(tuxonice_signature) &&
        memcmp(buf, tuxonice_signature, sizeof(tuxonice_signature)) == 0) {
        out->kind = SWAPHEADER_HIBERNATE;
        return;
    }
    if (parse_page(buf, len, page_size, &h)) {
        *out = h;
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(page_sizes); i++)
        if (page_sizes[i] != page_size && parse_page(buf, len, page_sizes[i], &h)) {
            if (h.kind == SWAPHEADER_VALID)
                h.kind = SWAPHEADER_PAGE_SIZE;
            *out = h;
            return;
        }
}

int swapheader_read(int fd, struct swapheader *out)
{
    _cleanup_(free_ptr) char *page = malloc(SWAPHEADER_PAGE_MAX);
    ssize_t n;

    if (!page)
        return -ENOMEM;
    n = pread(fd, page, SWAPHEADER_PAGE_MAX, 0);
    if (n < 0)
        return -errno;
    swapheader_parse(page, (size_t)n, (uint32_t)sysconf(_SC_PAGESIZE), out);
    return 0;
}

void swapheader_format(const struct swapheader *h, void *page)
{
    struct abi_swap_header raw = {.version = 1, .last_page = (uint32_t)(h->pages - 1)};

    memcpy(raw.uuid, h->uuid, sizeof(raw.uuid));
    memcpy(raw.volume_name, h->label, strnlen(h->label, SWAPHEADER_LABEL_MAX));
    memset(page, 0, h->page_size);
    memcpy(page, &raw, sizeof(raw));
    memcpy((uint8_t *)page + h->page_size - ABI_SWAP_SIGNATURE_LEN, ABI_SWAP_SIGNATURE,
           ABI_SWAP_SIGNATURE_LEN);
}

const char *swapheader_uuid_text(const uint8_t uuid[16], char text[static SWAPHEADER_UUID_TEXT])
{
    char *p = text;

    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        p += sprintf(p, "%02x", uuid[i]);
    }
    return text;
}

int swapheader_uuid_random(uint8_t uuid[16])
{
    uint8_t random[16];
    ssize_t n;

    do
        n = getrandom(random, sizeof(random), 0);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof(random))
        return n < 0 ? -errno : -EIO;
    random[6] = (uint8_t)((random[6] & 0x0f) | 0x40);
    random[8] = (uint8_t)((random[8] & 0x3f) | 0x80);
    memcpy(uuid, random, sizeof(random));
    return 0;
}

int swapheader_round(uint64_t bytes, uint32_t page_size, uint64_t *pages)
{
    uint64_t n = bytes / page_size;

    if (n < SWAPHEADER_PAGES_MIN || n > UINT32_MAX)
        return -ERANGE;
    *pages = n;
    return 0;
}
