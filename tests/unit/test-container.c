/* SPDX-License-Identifier: MIT */
#include "container_names.h"
#include "fake.h"

#include <time.h>

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

static void test_runtimes(void **state _unused_)
{
    static const struct {
        const char *text, *id, *runtime;
    } cases[] = {
        {"0::/system.slice/docker-" ID ".scope\n", ID, "docker"},
        {"0::/docker/" ID "\n", ID, "docker"},
        {"12:pids:/docker/" ID "\n11:memory:/docker/" ID "\n1:name=systemd:/docker/" OTHER "\n", ID,
         "docker"},
        {"0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope\n", ID, "containerd"},
        {"5:memory:/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:" ID "\n",
         ID, "containerd"},
        {"4:memory:/kubepods/burstable/pod0f/" ID "\n", ID, NULL},
        {"0::/user.slice/nerdctl-" ID ".scope\n", ID, "containerd"},
        {"0::/kubepods.slice/crio-" ID ".scope\n", ID, "cri-o"},
        {"0::/machine.slice/libpod-" ID ".scope/container\n", ID, "podman"},
        {"0::/libpod_parent/libpod-" ID "\n", ID, "podman"},
        /* a container in a container */
        {"0::/docker/" OTHER "/kubepods/cri-containerd-" ID ".scope/init\n", ID, "containerd"},
        {"5:cpu:/docker/" OTHER "\n4:memory:/docker/" OTHER "/docker/" ID "\n", ID, "docker"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct container c;

        if (!container_parse(cases[i].text, &c))
            fail_msg("case %zu: none found", i);
        assert_string_equal(c.id, cases[i].id);
        assert_string_equal(c.runtime ? c.runtime : "-", cases[i].runtime ? cases[i].runtime : "-");
    }
}

static void test_none(void **state _unused_)
{
    static const char *const none[] = {
        "",
        "0::/\n",
        "0::/system.slice/ssh.service\n",
        "1:name=systemd:/docker/" ID "\n",
        "0::/machine.slice/libpod-conmon-" ID ".scope\n",
        "0::/kubepods.slice/crio-conmon-" ID ".scope\n",
        "0::/docker/0123456789abcdef\n",
        "0::/docker/" ID "0\n",
        "0::/docker/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\n",
        "0::/docker-" ID ".service\n",
    };
    struct container c;

    for (size_t i = 0; i < ARRAY_SIZE(none); i++)
        if (container_parse(none[i], &c))
            fail_msg("case %zu: found %s", i, c.id);
}

static void test_is_id(void **state _unused_)
{
    assert_true(container_is_id("0123456789ab"));
    assert_true(container_is_id(ID));
    assert_false(container_is_id("0123456789a"));
    assert_false(container_is_id(ID "0"));
    assert_false(container_is_id("0123456789AB"));
    assert_false(container_is_id("0123456789xy"));
    assert_false(container_is_id(""));
}

static void assert_found(struct fake *f, const char *name, const char *wanted)
{
    char id[CONTAINER_ID + 1];

    assert_int_equal(container_find(&f->root, name, id, NULL), 0);
    assert_string_equal(id, wanted);
}

static void assert_unknown(struct fake *f, const char *name, int r)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    char id[CONTAINER_ID + 1] = "unset";

    assert_int_equal(container_find(&f->root, name, id, &e), r);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_string_equal(id, "unset");
}

static void test_docker_names(void **state)
{
    struct fake *f = *state;

    fake_write(f, "var/lib/docker/containers/" ID "/config.v2.json",
               "{\"StreamConfig\":{},\"Config\":{\"Name\":\"/inner\",\"Labels\":"
               "{\"a\":\"\\\"Name\\\":\\\"/forged\\\"\"}},\"ID\":\"" ID "\",\"Name\":\"/web\"}");
    fake_write(f, "var/lib/docker/containers/" OTHER "/config.v2.json",
               "{\"Name\":\"/web2\",\"ID\":\"" OTHER "\"}");
    fake_write(f, "var/lib/docker/containers/rubbish/config.v2.json", "{\"Name\":\"/odd\"}");
    assert_found(f, "web", ID);
    assert_found(f, "web2", OTHER);
    assert_unknown(f, "we", -ENOENT);
    assert_unknown(f, "inner", -ENOENT);
    assert_unknown(f, "forged", -ENOENT);
    assert_unknown(f, "odd", -ENOENT);
    assert_unknown(f, "", -EINVAL);
    assert_unknown(f, "-v", -EINVAL);
    assert_unknown(f, "a/b", -EINVAL);
    assert_unknown(f, "a b", -EINVAL);
}

static void test_podman_names(void **state)
{
    struct fake *f = *state;

    fake_write(f, "var/lib/containers/storage/overlay-containers/containers.json",
               "[{\"id\":\"" OTHER "\",\"names\":[\"db\",\"alias\"],\"image\":\"x\"},"
               "{\"id\":\"" ID
               "\",\"names\":[\"web\"],\"metadata\":\"{\\\"name\\\":\\\"no\\\"}\"}]");
    assert_found(f, "db", OTHER);
    assert_found(f, "alias", OTHER);
    assert_found(f, "web", ID);
    assert_unknown(f, "x", -ENOENT);
    assert_unknown(f, "no", -ENOENT);
}

static void name_docker(struct fake *f, const char *id, const char *name)
{
    _cleanup_(free_ptr) char *path = NULL, *text = NULL;

    assert_true(asprintf(&path, "var/lib/docker/containers/%s/config.v2.json", id) > 0);
    assert_true(asprintf(&text, "{\"Name\":\"/%s\"}", name) > 0);
    fake_write(f, path, text);
}

/* The name is that of a container that is made after it was asked for, and then of another one. */
static void test_names_late(void **state)
{
    _cleanup_(container_names_clear) struct container_names names = CONTAINER_NAMES_INIT;
    struct fake *f = *state;
    uint32_t web, db, again;

    assert_int_equal(container_names_add(&names, &f->root, "web", &web, NULL), 0);
    assert_int_equal(container_names_add(&names, &f->root, "db", &db, NULL), 0);
    assert_int_equal(container_names_add(&names, &f->root, "web", &again, NULL), 0);
    assert_int_equal(again, web);
    assert_int_not_equal(db, web);
    name_docker(f, ID, "web");
    assert_true(container_names_fits(&names, web, &f->root, ID));
    assert_false(container_names_fits(&names, db, &f->root, ID));
    name_docker(f, ID, "old");
    name_docker(f, OTHER, "web");
    assert_true(container_names_fits(&names, web, &f->root, OTHER));
    assert_false(container_names_fits(&names, web, &f->root, ID));
    assert_int_equal(container_names_add(&names, &f->root, "-v", &web, NULL), -EINVAL);
}

/* Asking has a price: a container that was seen is no reason to ask once more. */
static void test_names_asked_once(void **state)
{
    _cleanup_(container_names_clear) struct container_names names = CONTAINER_NAMES_INIT;
    struct fake *f = *state;
    uint32_t web;

    assert_int_equal(container_names_add(&names, &f->root, "web", &web, NULL), 0);
    name_docker(f, OTHER, "web");
    assert_false(container_names_fits(&names, web, &f->root, ID));
    name_docker(f, OTHER, "old");
    name_docker(f, ID, "web");
    assert_false(container_names_fits(&names, web, &f->root, ID));
    /* many others later it is forgotten */
    for (unsigned i = 0; i < CONTAINER_NAMES_SEEN; i++) {
        char id[CONTAINER_ID + 1];

        snprintf(id, sizeof(id), "%064u", i);
        assert_false(container_names_fits(&names, web, &f->root, id));
    }
    assert_true(container_names_fits(&names, web, &f->root, ID));
}

/* A runtime that hangs until the gate is there. */
static const char *gate;
int __real_container_find(const struct root *root, const char *name,
                          char id[static CONTAINER_ID + 1], struct err *e);
int __wrap_container_find(const struct root *root, const char *name,
                          char id[static CONTAINER_ID + 1], struct err *e);

int __wrap_container_find(const struct root *root, const char *name,
                          char id[static CONTAINER_ID + 1], struct err *e)
{
    const struct timespec moment = {.tv_nsec = 1000000};

    while (gate && access(gate, F_OK) < 0)
        nanosleep(&moment, NULL);
    return __real_container_find(root, name, id, e);
}

/* What somebody who waits has found is given to who does not. */
static void test_names_given(void **state)
{
    _cleanup_(container_names_clear) struct container_names early = CONTAINER_NAMES_INIT,
                                                            names = CONTAINER_NAMES_INIT;
    _cleanup_(free_ptr) char *list = NULL;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct fake *f = *state;
    uint32_t number;

    early.when = CONTAINER_NAMES_EARLY;
    assert_int_equal(container_names_add(&early, &f->root, "web", &number, NULL), -ENOENT);
    name_docker(f, ID, "web");
    name_docker(f, OTHER, "db");
    assert_int_equal(container_names_add(&early, &f->root, "web", &number, NULL), 0);
    assert_int_equal(container_names_add(&early, &f->root, "db", &number, NULL), 0);
    name_docker(f, ID, "old");
    list = container_names_list(&early);
    names.when = CONTAINER_NAMES_GIVEN;
    assert_int_equal(container_names_add_list(&names, list, NULL), 0);
    assert_int_equal(container_names_add(&names, &f->root, "web", &number, NULL), 0);
    assert_true(container_names_fits(&names, number, &f->root, ID));
    assert_false(container_names_fits(&names, number, &f->root, OTHER));
    assert_int_equal(container_names_add(&names, &f->root, "old", &number, &e), -ENOENT);
    fake_assert_message(&e, "container \"old\": is not known here");
    assert_int_equal(container_names_add_list(&names, "web\n", NULL), -EINVAL);
    assert_int_equal(container_names_add_list(&names, ID " x web\n", NULL), -EINVAL);
}

static uint64_t boot_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* While nobody answers it is the one that it was, and may be any that is younger. */
static void test_names_asked_anew(void **state)
{
    enum { LONG_MS = 60000 };
    _cleanup_(askers_clear) struct askers askers = ASKERS_INIT;
    _cleanup_(container_names_clear) struct container_names names = CONTAINER_NAMES_INIT;
    struct fake *f = *state;
    uint32_t web;
    uint64_t asked;

    names.when = CONTAINER_NAMES_GIVEN;
    names.askers = &askers;
    assert_int_equal(container_names_add_list(&names, ID " 1000 web\n", NULL), 0);
    assert_int_equal(container_names_add(&names, &f->root, "web", &web, NULL), 0);
    assert_false(container_names_may_fit(&names, web, 2000));
    name_docker(f, OTHER, "web");
    gate = strdup(fake_path(f, "gate"));
    for (uint64_t ms = 1; ms < 100000000; ms *= 100) {
        container_names_ask(&names, web, &f->root, ms);
        assert_true(container_names_fits(&names, web, &f->root, ID));
        assert_false(container_names_fits(&names, web, &f->root, OTHER));
        assert_true(container_names_may_fit(&names, web, 2000));
        assert_false(container_names_may_fit(&names, web, 900));
        assert_int_equal(askers.n, 1);
    }
    asked = boot_ms();
    fake_write(f, "gate", "");
    while (!bounded_answers(&askers.v[0].child, LONG_MS))
        ;
    /* what is said late is better than nothing */
    assert_int_equal(remove(gate), 0);
    container_names_ask(&names, web, &f->root, 1);
    assert_true(container_names_fits(&names, web, &f->root, OTHER));
    assert_false(container_names_fits(&names, web, &f->root, ID));
    assert_true(container_names_may_fit(&names, web, asked));
    fake_write(f, "gate", "");
    while (!bounded_answers(&askers.v[0].child, LONG_MS))
        ;
    container_names_ask(&names, web, &f->root, LONG_MS);
    assert_false(container_names_may_fit(&names, web, boot_ms()));
    /* nobody has it now, and so no younger one */
    name_docker(f, OTHER, "old");
    container_names_ask(&names, web, &f->root, LONG_MS);
    assert_true(container_names_fits(&names, web, &f->root, OTHER));
    assert_false(container_names_may_fit(&names, web, boot_ms()));
    free((char *)(uintptr_t)gate);
    gate = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runtimes),
        cmocka_unit_test(test_none),
        cmocka_unit_test(test_is_id),
        cmocka_unit_test_setup_teardown(test_docker_names, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_podman_names, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_names_late, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_names_asked_once, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_names_given, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_names_asked_anew, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("container", tests, NULL, NULL);
}
