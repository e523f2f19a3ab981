"""What `cmake --install` leaves: a project of somebody else finds it by CMake and by pkg-config, and every
public header compiles alone."""

import os
import subprocess

import pytest

from harness.daemon import BIN
from harness.servers import REPOSITORY

pytestmark = pytest.mark.release
CONSUMER = os.path.join(REPOSITORY, "tests", "consumer")


def output_of(*words, **more):
    ran = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, timeout=900, check=False, **more)
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The prefix of an installation."""
    prefix = tmp_path_factory.mktemp("installed")
    output_of("cmake", "--install", os.path.dirname(BIN), "--prefix", prefix)
    return prefix


def pkg_config(prefix, *words):
    (folder,) = {os.path.dirname(path) for path in map(str, prefix.rglob("ctxcache.pc"))}
    words = (f"--define-variable=prefix={prefix}", *words)  # installed elsewhere than configured
    return output_of("pkg-config", *words, "ctxcache", env={**os.environ, "PKG_CONFIG_PATH": folder}).split()


def test_programs_are_installed(installed):
    for name in ("ctxcached", "ctxcache"):
        assert name in output_of(installed / "bin" / name, "--version")


def test_a_project_finds_it_by_cmake(installed, tmp_path):
    output_of("cmake", "-S", CONSUMER, "-B", tmp_path, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={installed}")
    output_of("cmake", "--build", tmp_path)
    assert output_of(tmp_path / "consumer") == "provider\nl1\n"


def test_a_project_finds_it_by_pkg_config(installed, tmp_path):
    output_of("c++", "-std=c++20", os.path.join(CONSUMER, "main.cpp"), "-o", tmp_path / "consumer",
              *pkg_config(installed, "--cflags", "--libs", "--static"))
    assert output_of(tmp_path / "consumer") == "provider\nl1\n"


def test_every_public_header_compiles_alone(installed, tmp_path):
    flags = pkg_config(installed, "--cflags")
    headers = sorted((installed / "include" / "ctxcache").glob("*.hpp"))
    assert {"orchestrator.hpp", "key.hpp"} <= {header.name for header in headers}
    for header in headers:
        source = tmp_path / f"{header.stem}.cpp"
        source.write_text(f"#include <ctxcache/{header.name}>\n")
        output_of("c++", "-std=c++20", "-Wall", "-Wextra", "-fsyntax-only", *flags, source)
