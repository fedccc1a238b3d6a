"""Reads the include lines of the tree and names every one that breaks the layers
of docs/architecture.md: check_includes.py [TREE]."""
import pathlib
import re
import sys

# A room may include itself and these.
COMMON = {
    'common/base': set(),
    'common/config': {'common/base'},
    'common/content': {'common/base'},
    'common/directory': {'common/base', 'common/content'},
}
PROGRAMS = {
    'server': {'core', 'storage', 'http', 'cli'},
    'peer_server': {'core', 'rpc', 'cli'},
    'peer_client': {'core', 'rpc', 'cli'},
}
SOURCES = {'.h', '.cpp'}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
# Transports, formats and generated code, which a core can be tested without.
OUTSIDE_CORE = re.compile(
    r'^(httplib\.h|grpc|grpcpp/|grpc\+\+/|google/protobuf/|nlohmann/|pqxx/|libpq|.*\.pb\.h$)')
# The rooms of common that know no transport or format either.
PURE = {'common/content'}


def room_of(path: str) -> str:
    """'server/core/x.h' is in the room 'server/core', 'server/main.cpp' in 'server'."""
    return '/'.join(path.split('/')[:-1][:2])


def is_ours(path: str) -> bool:
    return path.split('/')[0] in {'common', 'tests', *PROGRAMS}


def allowed_rooms(room: str) -> set:
    if room in COMMON:
        return COMMON[room]
    program, _, part = room.partition('/')
    core = {f'{program}/core'}
    if part == '':
        return {program, *COMMON, *(f'{program}/{name}' for name in PROGRAMS[program])}
    return set(COMMON) if part == 'core' else {*COMMON, *core}


def known(room: str) -> bool:
    program, _, part = room.partition('/')
    return room in COMMON or (program in PROGRAMS and (part == '' or part in PROGRAMS[program]))


def breach(source: str, quote: str, target: str):
    """Why the include of `target` in the file `source` is not allowed; None where it is."""
    room = room_of(source)
    if target.startswith(('.', '/')):
        return 'an include names a file from the top of the tree'
    if (room.endswith('/core') or room in PURE) and OUTSIDE_CORE.match(target):
        return f'{room} knows no transport, generated code, format or SQL'
    if quote == '"' and '/' not in target and not target.endswith('.pb.h'):
        return 'an include names a file from the top of the tree'
    if not is_ours(target):
        return None
    other = room_of(target)
    if other == room or other in allowed_rooms(room):
        return None
    return f'{room} may not include {other}'


def check_file(tree: pathlib.Path, path: pathlib.Path) -> list:
    name = path.relative_to(tree).as_posix()
    if not known(room_of(name)):
        return [f'{name}: stands in no room of the architecture; add it to {pathlib.Path(__file__).name}']
    found = []
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), start=1):
        match = INCLUDE.match(line)
        why = breach(name, match[1], match[2]) if match else None
        if why:
            found.append(f'{name}:{number}: {line.strip()}: {why}')
    return found


def check_tree(tree: pathlib.Path) -> list:
    found = []
    for top in ('common', *PROGRAMS):
        for path in sorted((tree / top).rglob('*')):
            if path.suffix in SOURCES and path.is_file():
                found += check_file(tree, path)
    return found


def main() -> int:
    tree = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else '.').resolve()
    found = check_tree(tree)
    print('\n'.join(found) if found else 'layers kept')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
