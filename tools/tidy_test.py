"""Each rule of tidy fails on the snippet that breaks it, and on no good neighbour of that."""

import pytest

import tidy_rules

HEADER = "#pragma once\n"


def messages(path, text):
    return [line.split(": ", 1)[1] for line in tidy_rules.check(path, text)]


def lines(path, text):
    return [int(line.split(":")[1]) for line in tidy_rules.check(path, text)]


BAD = {
    "include_against_gravity": ("src/l1/lru.cpp", '#include "core/loader.hpp"\n', "against gravity"),
    "include_of_a_room_beside": ("src/redis/a.cpp", '#include "l1/lru.hpp"\n', "against gravity"),
    "public_header_sees_a_room": (
        "include/ctxcache/a.hpp", HEADER + '#include "base/log.hpp"\n', "public header"),
    "apps_see_each_other": ("apps/ctxcache/a.cpp", '#include "ctxcached/wiring.hpp"\n', "against gravity"),
    "back_end_outside_wiring": (
        "apps/ctxcached/main.cpp", '#include "redis/redis_l2.hpp"\n', "wiring.cpp only"),
    "back_end_in_the_core": ("src/core/loader.cpp", '#include "providers/sqlite.hpp"\n', "wiring.cpp only"),
    "test_support_in_code": ("src/l1/lru.cpp", '#include "support/manual_clock.hpp"\n', "outside a test"),
    "beast_away_from_home": ("src/core/a.cpp", "#include <boost/beast/http.hpp>\n", "boost/beast belongs"),
    "hiredis_away_from_home": ("src/core/a.cpp", "#include <hiredis/read.h>\n", "hiredis belongs"),
    "libpq_away_from_home": ("src/http/a.cpp", "#include <libpq-fe.h>\n", "libpq belongs"),
    "curl_away_from_home": ("src/http/a.cpp", "#include <curl/curl.h>\n", "curl/ belongs"),
    "sqlite_away_from_home": ("apps/ctxcached/main.cpp", "#include <sqlite3.h>\n", "sqlite3 belongs"),
    "simdjson_away_from_home": ("src/model/a.cpp", "#include <simdjson.h>\n", "simdjson belongs"),
    "toml_away_from_home": ("apps/ctxcached/main.cpp", "#include <toml++/toml.h>\n", "toml++ belongs"),
    "asio_in_the_model": ("src/model/a.cpp", "#include <boost/asio/post.hpp>\n", "no Asio"),
    "file_too_long": ("src/l1/lru.cpp", "\n" * 501, "501 lines"),
    "line_too_long": ("src/l1/lru.cpp", "// " + "é" * 108 + "\n", "111 columns"),
    "function_too_long": ("src/l1/lru.cpp", "void f() {\n" + "  g();\n" * 69 + "}\n", "71 lines"),
    "test_too_long": ("src/l1/a_test.cpp", "TEST(lru, evicts) {\n" + "  g();\n" * 69 + "}\n", "71 lines"),
    "member_too_long": (
        "src/l1/a.cpp", "class a {\n  int f() const noexcept {\n" + "  g();\n" * 70 + "}\n};\n", "72 lines"),
    "constructor_too_long": (
        "src/l1/a.cpp", "a::a(int b) : b_{b}, c_{1} {\n" + "g();\n" * 70 + "}\n", "72 lines"),
    "python_function_too_long": ("tools/a.py", "def f():\n" + "    g()\n" * 70, "71 lines"),
    "detached": ("src/core/a.cpp", "asio::co_spawn(e, f(), asio::detached);\n", "gate::spawn"),
    "sleep": ("src/l1/a_test.cpp", "std::this_thread::sleep_for(1ms);\n", "sleeping"),
    "cout": ("src/l1/a.cpp", "std::cout << 1;\n", "printing"),
    "printf": ("src/l1/a.cpp", "std::snprintf(p, n, f);\n", "printf"),
    "keys_command": ("src/redis/a.cpp", 'send("KEYS", glob);\n', "SCAN"),
    "using_namespace_in_header": ("src/l1/a.hpp", HEADER + "using namespace std;\n", "using namespace"),
    "environment_below_apps": ("src/http/a.cpp", 'std::getenv("HOME");\n', "apps/ only"),
    "clock": ("src/core/a.cpp", "auto t = std::chrono::steady_clock::now();\n", "ctxcache::clock"),
    "detached_thread": ("src/core/a.cpp", "thread.detach();\n", "detached thread"),
    "capturing_coroutine": (
        "src/core/a.cpp", "auto f = [&]() -> awaitable<void> { co_return; };\n", "capturing"),
    "capturing_coroutine_in_a_call": ("src/core/a.cpp", "spawn([x] { co_await y; });\n", "capturing"),
    "braces_in_co_await": ("src/core/a.cpp", "co_await f(deadline{1});\n", "braces"),
    "lambda_in_co_await": ("src/core/a.cpp", "co_await f([&](int a) { return a; });\n", "a lambda"),
    "temporary_in_co_await": ("src/core/a.cpp", 'co_await f(std::string("a"));\n', "a temporary"),
    "co_await_behind_else_if": (
        "src/core/a.cpp", "if (a) { b(); } else if (co_await f()) { g(); }\n", "else if"),
    "no_pragma_once": ("src/l1/a.hpp", "int f();\n", "pragma once"),
    "unfinished": ("src/l1/a.cpp", "// " + "TO" "DO: later\n", "finish it"),
}

GOOD = {
    "own_room_and_below": (
        "src/core/a.cpp", '#include "core/b.hpp"\n#include "l1/lru.hpp"\n#include "ctxcache/key.hpp"\n'),
    "wiring_names_back_ends": ("apps/ctxcached/wiring.cpp", '#include "redis/redis_l2.hpp"\n'),
    "test_uses_support": ("src/l1/lru_test.cpp", '#include "support/manual_clock.hpp"\n'),
    "fixture_uses_support": ("src/redis/a_fixture.hpp", HEADER + '#include "support/child_process.hpp"\n'),
    "beast_at_home": ("src/http/a.cpp", "#include <boost/beast/core.hpp>\n"),
    "lines_at_their_limit": ("src/l1/lru.cpp", "// " + "é" * 107 + "\n" + "\n" * 499),
    "function_at_its_limit": ("src/l1/lru.cpp", "void f() {\n" + "  g();\n" * 68 + "}\n"),
    "long_class_of_short_functions": (
        "src/l1/a.cpp", "class a {\n" + "  int f() const {\n    return 1;\n  }\n" * 50 + "};\n"),
    "long_table": ("src/l1/a.cpp", "constexpr int all[] = {\n" + "  1,\n" * 100 + "};\n"),
    "words_in_comments_and_strings": (
        "src/l1/a.cpp", '// std::cout, printf(x)\nauto a = "asio::detached {"; /* { */\n'),
    "raw_string": ("src/l1/a.cpp", 'auto a = R"(std::cout << "{)";\nint f() { return 1; }\n'),
    "digit_separators": ("src/l1/a.cpp", "int a = 10'000; char c = '{'; int b = 1'0;\n"),
    "lambda_without_captures": ("src/core/a.cpp", "auto f = [](int a) -> awaitable<void> { co_return; };\n"),
    "capturing_lambda_around_a_coroutine": (
        "src/core/a.cpp", "auto f = [&] { run([](int a) -> awaitable<void> { co_await g(a); }); };\n"),
    "named_local": ("src/core/a.cpp", "deadline until{1};\nco_await f(until, std::move(x));\n"),
    "co_await_inside_braces": (
        "src/core/a.cpp", "timer t{co_await this_coro::executor};\nif (co_await f()) { g(); }\n"),
    "co_await_in_a_branch_of_else_if": ("src/core/a.cpp", "if (a) { b(); } else if (c) { co_await f(); }\n"),
    "subscript_in_co_await": ("src/core/a.cpp", "co_await all[0].f(a[i]);\n"),
    "gate_itself": ("src/base/gate.cpp", "co_spawn(e, f(), asio::detached);\n"),
    "pragma_after_a_comment": ("src/l1/a.hpp", "// Why this header is.\n#pragma once\n"),
}


@pytest.mark.parametrize("name", BAD)
def test_finds(name):
    path, text, message = BAD[name]
    assert any(message in found for found in messages(path, text))


@pytest.mark.parametrize("name", GOOD)
def test_accepts(name):
    path, text = GOOD[name]
    assert messages(path, text) == []


def test_names_the_line_despite_comments_and_macros():
    text = "/* a\n b */\n#define A(x) \\\n  std::cout << x\nint a; // c\nstd::cout << 1;\n"
    assert lines("src/l1/a.cpp", text) == [6]
