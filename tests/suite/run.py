"""Runs the test files of some folders, one pytest each and several at once:
run.py [--jobs N] [--junit FILE] FOLDER... The last line counts the tests."""
import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

FILE_SECONDS = 900  # a test file that takes longer hangs


def run_file(path: pathlib.Path, report: pathlib.Path) -> tuple:
    command = [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--durations=3',
               '--junitxml', str(report), str(path)]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=FILE_SECONDS, text=True,
                              env={**os.environ, 'PYTHONDONTWRITEBYTECODE': '1'})
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired as expired:
        output = (expired.stdout or b'').decode(errors='replace')
        return 1, f'{output}\n{path.name}: no end after {FILE_SECONDS} s\n'


def failed_report(path: pathlib.Path) -> xml.Element:
    suite = xml.Element('testsuite', name=path.stem)
    case = xml.SubElement(suite, 'testcase', name=path.stem)
    xml.SubElement(case, 'failure', message='the run left no report')
    return suite


def count(suites: list) -> tuple:
    cases = [case for suite in suites for case in suite.iter('testcase')]
    bad = sum(case.find('failure') is not None or case.find('error') is not None
              for case in cases)
    skipped = sum(case.find('skipped') is not None for case in cases)
    return len(cases) - bad - skipped, bad, skipped


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument('--jobs', type=int, default=os.cpu_count())
    options.add_argument('--junit', type=pathlib.Path)
    options.add_argument('folders', type=pathlib.Path, nargs='+')
    wanted = options.parse_args()
    files = sorted(path for folder in wanted.folders for path in folder.glob('*_test.py'))
    suites, status = [], 0 if files else 1
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(wanted.jobs) as pool:
        reports = [pathlib.Path(folder, f'{path.stem}.xml') for path in files]
        for path, report, (code, output) in zip(files, reports, pool.map(run_file, files, reports)):
            print(f'-- {path.name}\n{output}', flush=True)
            status = status or code
            suites += (list(xml.parse(report).iter('testsuite')) if report.exists()
                       else [failed_report(path)])
    if wanted.junit:
        whole = xml.Element('testsuites')
        whole.extend(suites)
        xml.ElementTree(whole).write(wanted.junit)
    passed, bad, skipped = count(suites)
    print(f'{passed} passed, {bad} failed' + (f', {skipped} skipped' if skipped else ''))
    return 1 if status or bad else 0


if __name__ == '__main__':
    sys.exit(main())
