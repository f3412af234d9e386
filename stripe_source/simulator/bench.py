"""How fast the simulator is, in one table: ``python -m stripe_source.simulator.bench``.

It makes an account of the size asked for, in a process of its own, and then reads another one over
HTTP. Linux only: the server runs on core 0 alone, the client on core 1, and CPU times come from
``/proc``. The bars: over 150 pages of 100 invoices a second on one core, and a million objects in
less than 4 GB.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from stripe_source.simulator.config import SimulatorConfig
from stripe_source.simulator.simulator import Simulator

LAST_ID = b'\n      "id": "'
TICKS = os.sysconf("SC_CLK_TCK")
READING = 2.0
"""Seconds for which a page that was read before is read again and again."""


@dataclass
class Made:
    """What it took to make an account."""

    objects: int
    seconds: float
    memory: int


def make(customers: int, years: float) -> Made:
    """Make an account and count what is in it; the memory is what it took at the most."""
    before, start = resident(), time.perf_counter()
    account = Simulator(SimulatorConfig(customers=customers, years=years)).account
    seconds = time.perf_counter() - start
    objects = sum(len(each.ordered.rows) for each in account.collections.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Made(objects, seconds, peak - before)


def resident() -> int:
    """This process's memory in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def made_apart(customers: int, years: float) -> Made:
    """The same in a fresh process."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(make, customers, years).result()


def made_of_size(objects: int, years: float) -> Made:
    """An account of about so many objects."""
    small, smaller = made_apart(400, years), made_apart(200, years)
    each = (small.objects - smaller.objects) / 200
    return made_apart(max(int((objects - smaller.objects) / each) + 200, 1), years)


class Client:
    """A connection that reads pages as bytes and does nothing else."""

    def __init__(self, url: str, key: str) -> None:
        host, _, port = url.rpartition("/")[2].partition(":")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.close = self.socket.close
        self.fixed = f" HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"

    def get(self, path: str, *, gzip: bool = False) -> bytes:
        """The body of a page."""
        accept = "Accept-Encoding: gzip\r\n" if gzip else ""
        self.socket.sendall(f"GET {path}{self.fixed}{accept}\r\n".encode())
        got = bytearray()
        while (end := got.find(b"\r\n\r\n")) < 0:
            got += self.socket.recv(1 << 20)
        head = bytes(got[:end])
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        length = re.search(rb"content-length: (\d+)", head)
        assert length is not None
        while len(got) < end + 4 + int(length[1]):
            got += self.socket.recv(1 << 20)
        return bytes(got[end + 4 :])


@dataclass
class Server:
    """A simulator behind the command line, and a connection to it."""

    pid: int
    client: Client

    def cpu(self) -> float:
        """Seconds of CPU that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def serving(customers: int, years: float) -> Iterator[Server]:
    """A server on core 0 while this process keeps to core 1."""
    command = [sys.executable, "-m", "stripe_source", "simulator", "--port", "0"]
    size = ["--customers", str(customers), "--years", str(years)]
    with subprocess.Popen([*command, *size], stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            with suppress(OSError):  # a machine of one core
                os.sched_setaffinity(process.pid, {0})
                os.sched_setaffinity(0, {1})
            assert process.stderr is not None
            told, last = None, ""
            while told is None:
                line = process.stderr.readline()
                if not line:
                    raise RuntimeError(f"the simulator did not start: {last.strip()}")
                last = line
                told = re.search(r"STRIPE_API_BASE=(\S+) STRIPE_SECRET_KEY=(\S+)", line)
            with closing(Client(told[1], told[2])) as client:
                yield Server(process.pid, client)
        finally:
            process.terminate()


@dataclass
class Measured:
    """Pages of one kind."""

    what: str
    pages: int
    size: float
    seconds: float
    cpu: float

    def __str__(self) -> str:
        a_second, cpu = self.pages / self.seconds, self.cpu / self.pages
        capacity = f"{1 / cpu:9,.0f}" if cpu else "        -"
        return (
            f"{self.what:<48}{self.pages:6,}{self.size / self.pages / 1024:9,.0f}"
            f"{a_second:10,.0f}{1000 * cpu:9.2f}{capacity}"
        )


HEAD = f"{'pages of 100':<48}{'pages':>6}{'KB/page':>9}{'pages/s':>10}{'CPU ms':>9}{'a core/s':>9}"


def walk(server: Server, path: str) -> tuple[Measured, list[str]]:
    """Every page of a list for the first time, with the paths of all of them."""
    paths, size, more, cursor = [], 0, True, ""
    cpu, start = server.cpu(), time.perf_counter()
    while more:
        paths.append(path + cursor)
        body = server.client.get(paths[-1])
        size += len(body)
        more = b'"has_more": true' in body[-200:]
        at = body.rfind(LAST_ID) + len(LAST_ID)
        cursor = "&starting_after=" + body[at : body.index(b'"', at)].decode()
    seconds = time.perf_counter() - start
    return Measured(f"{path}, first", len(paths), size, seconds, server.cpu() - cpu), paths


def again(server: Server, paths: list[str], *, gzip: bool) -> Measured:
    """The same pages, for a while."""
    what = f"{paths[0]}, again{', gzip' if gzip else ''}"
    measured = Measured(what, 0, 0, 0.0, 0.0)
    cpu, start = server.cpu(), time.perf_counter()
    while measured.seconds < READING:
        measured.size += len(server.client.get(paths[measured.pages % len(paths)], gzip=gzip))
        measured.pages += 1
        measured.seconds = time.perf_counter() - start
    measured.cpu = server.cpu() - cpu
    return measured


def read_pages(server: Server, tell: Callable[[Measured], None]) -> None:
    """Pages of invoices, plain and expanded, and of events: first, again, compressed."""
    for path in (
        "/v1/invoices?limit=100",
        "/v1/invoices?limit=100&expand[]=data.discounts",
        "/v1/events?limit=100",
    ):
        first, paths = walk(server, path)
        tell(first)
        tell(again(server, paths, gzip=False))
        tell(again(server, paths, gzip=True))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m stripe_source.simulator.bench")
    parser.add_argument("--objects", type=int, default=100_000, help="how many to make (100000)")
    parser.add_argument("--customers", type=int, default=1000, help="of the account that is read")
    parser.add_argument("--years", type=float, default=2.0, help="of both businesses (2)")
    given = parser.parse_args()
    made = made_of_size(given.objects, given.years)
    print(f"{'objects made':<48}{made.objects:>15,}")
    print(f"{'objects a second':<48}{made.objects / made.seconds:>15,.0f}")
    each = made.memory / made.objects
    print(f"{'bytes of memory an object':<48}{each:>15,.0f}")
    print(f"{'GB for a million objects':<48}{each / 1000:>15.2f}")
    print(f"\n{HEAD}", flush=True)
    with serving(given.customers, given.years) as server:
        read_pages(server, lambda measured: print(measured, flush=True))
    print("bars: over 150 pages of 100 invoices a second on one core, a million objects in 4 GB")


if __name__ == "__main__":
    main()
