"""The directory against nginx, opentracker, bare cpp-httplib, a Flask directory, Redis and
SQLite, and against crowds: every contender once a round, in turn, and a table of ratios. A case is a
function of (programs, table, options) in a module of its own."""
import argparse
import os
import pathlib

import directory_connections
import directory_meanwhile
import directory_requests
import directory_search
import directory_storage
from table import Table

CASES = {
    "requests": directory_requests.measure,
    "connections": directory_connections.measure,
    "restart": directory_storage.measure_restart,
    "index": directory_storage.measure_index,
    "meanwhile": directory_meanwhile.measure,
    "search": directory_search.measure,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="of one contender in one round")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    options = parser.parse_args()
    table = Table()
    print(f"{options.entries:,} entries, {options.rounds} rounds, {os.cpu_count()} cores")
    for name in options.cases:
        print(f"{name}:", flush=True)
        CASES[name](options.bin.resolve(), table, options)
    print(f"\n{table}")


main()
