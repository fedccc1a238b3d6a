"""How many look-ups a second, 64 kept-alive connections, against others."""
import pathlib
import statistics
import subprocess
import sys

from directory_stage import Directory, wrk
from harness import PEER_IP, Workplace, free_port
from table import ratios

HERE = pathlib.Path(__file__).parent
FLASK_PEERS, FLASK_EACH = 100, 100


def start_httplib(place, constant):
    port, answer, program = free_port(), place.path / "constant.json", place.path / "bare_httplib"
    answer.write_text(constant)
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "cpp-httplib"], stdout=subprocess.PIPE, text=True,
                           check=True).stdout.split()
    subprocess.run(["c++", "-std=c++20", "-O2", HERE / "bare_httplib.cpp", "-o", program, *flags], check=True)
    return port, place.start(program, port, answer, port=port)


def start_opentracker(place):
    port = free_port()
    folder = place.path / "opentracker"
    folder.mkdir()
    if subprocess.run(["id", "-u", "nobody"], stdout=subprocess.DEVNULL).returncode == 0:
        folder.chmod(0o755)
    return port, place.start("opentracker", "-i", PEER_IP, "-p", port, "-P", port, "-d", folder, "-u", "nobody",
                             port=port)


def measure(programs, table, options):
    with Workplace() as place:
        ours, one = Directory(place, programs, options.entries), Directory(place, programs, 1)
        nginx_port = free_port()
        nginx = place.start_nginx(nginx_port, "location / { return 200 '%s'; }" % ours.constant())
        httplib_port, httplib = start_httplib(place, ours.constant())
        tracker_port, tracker = start_opentracker(place)
        flask_port = free_port()
        flask = place.start(sys.executable, HERE / "flask_directory.py", flask_port, FLASK_PEERS, FLASK_EACH,
                            port=flask_port)
        runs = {
            "ours": lambda: ours.load(options.seconds),
            "nginx": lambda: ours.load(options.seconds, port=nginx_port, process=nginx),
            "one": lambda: one.load(options.seconds),
            "httplib": lambda: ours.load(options.seconds, port=httplib_port, process=httplib),
            "opentracker": lambda: wrk(tracker_port, "/announce", options.seconds, 64, tracker, HERE / "announce.lua"),
            "flask": lambda: wrk(flask_port, "/getFiles", options.seconds, 64, flask, HERE / "lookup.lua", "none",
                                 FLASK_PEERS, FLASK_EACH),
        }
        loads = {name: [] for name in runs}
        for _ in range(options.rounds):
            for name, load in runs.items():
                loads[name].append(load())
        report(table, loads, options)


def report(table, loads, options):
    rate = {name: [each.rate for each in them] for name, them in loads.items()}
    for name, them in loads.items():
        print(f"  {name}: {statistics.median(rate[name]):,.0f} a second, "
              f"{statistics.median(each.cpu for each in them):.1f} µs of CPU each, "
              f"{sum(each.refused for each in them)} not answered with 200")
    table.at_least("look-ups a second ÷ nginx with a constant", 0.4, ratios(rate["ours"], rate["nginx"]))
    table.at_least("look-ups a second ÷ bare cpp-httplib with a constant", 2, ratios(rate["ours"], rate["httplib"]))
    table.at_least("look-ups a second ÷ opentracker's announces", 2, ratios(rate["ours"], rate["opentracker"]))
    table.at_least("look-ups a second ÷ a Flask directory", 40, ratios(rate["ours"], rate["flask"]))
    table.at_least(f"look-ups a second among {options.entries:,} entries ÷ among one", 0.75,
                   ratios(rate["ours"], rate["one"]))
    cpu = {name: [each.cpu for each in them] for name, them in loads.items()}
    table.at_most("CPU of a look-up ÷ nginx (an aim)", 2, ratios(cpu["ours"], cpu["nginx"]))
    table.at_most("CPU of a look-up ÷ bare cpp-httplib (an aim)", 0.5, ratios(cpu["ours"], cpu["httplib"]))
