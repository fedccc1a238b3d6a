"""Prints how many tests of some JUnit reports passed, failed and were skipped."""
import sys
import xml.etree.ElementTree


def counts(paths: list) -> tuple:
    passed = failed = skipped = 0
    for case in (case for path in paths
                 for case in xml.etree.ElementTree.parse(path).iter('testcase')):
        if case.find('failure') is not None or case.find('error') is not None:
            failed += 1
        elif case.find('skipped') is not None or case.get('status') in ('notrun', 'disabled'):
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


if __name__ == '__main__':
    print(*counts(sys.argv[1:]))
