"""Reads JUnit reports: how many tests passed, failed and were skipped, and what failed.

    junit_counts.py REPORT...               prints the three numbers
    junit_counts.py --failures REPORT...    prints each failed test with the end of what it said
"""
import sys
import xml.etree.ElementTree

LINES_OF_A_FAILURE = 25


def cases(paths: list):
    for path in paths:
        yield from xml.etree.ElementTree.parse(path).iter('testcase')


def failure_of(case):
    for kind in ('failure', 'error'):
        found = case.find(kind)
        if found is not None:
            return found
    return None


def counts(paths: list) -> tuple:
    passed = failed = skipped = 0
    for case in cases(paths):
        if failure_of(case) is not None:
            failed += 1
        elif case.find('skipped') is not None or case.get('status') in ('notrun', 'disabled'):
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def what_it_said(case, failure) -> list:
    """ctest puts what a test printed beside the failure, pytest into it."""
    texts = (failure.text, case.findtext('system-out'), failure.get('message'))
    text = next((text for text in texts if text and text.strip()), '')
    return text.strip().splitlines()[-LINES_OF_A_FAILURE:]


def print_failures(paths: list) -> None:
    for case in cases(paths):
        failure = failure_of(case)
        if failure is not None:
            print(f"FAILED {case.get('classname')} {case.get('name')}")
            print(*(f'    {line}' for line in what_it_said(case, failure)), sep='\n')


if __name__ == '__main__':
    if sys.argv[1] == '--failures':
        print_failures(sys.argv[2:])
    else:
        print(*counts(sys.argv[1:]))
