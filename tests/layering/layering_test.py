"""The layers of docs/architecture.md hold in this tree, and a breach would be seen."""
import pathlib

import pytest

import check_includes

TREE = pathlib.Path(__file__).resolve().parents[2]


def test_this_tree_keeps_the_layers():
    assert check_includes.check_tree(TREE) == []


def test_the_tree_was_read():
    rooms = {check_includes.room_of(path.relative_to(TREE).as_posix())
             for path in TREE.glob('*/*/*.h')}
    assert {'common/base', 'common/directory', 'server/core', 'peer_client/core'} <= rooms


@pytest.mark.parametrize('source, line', [
    ('common/base/a.h', '#include "common/content/content_id.h"'),
    ('common/base/a.cpp', '#include "server/core/directory.h"'),
    ('common/config/a.h', '#include "common/directory/directory_client.h"'),
    ('common/content/a.h', '#include "common/directory/directory_types.h"'),
    ('common/content/a.cpp', '#include <nlohmann/json.hpp>'),
    ('common/directory/a.h', '#include "common/config/config.h"'),
    ('server/core/a.cpp', '#include <httplib.h>'),
    ('server/core/a.cpp', '#include <nlohmann/json_fwd.hpp>'),
    ('server/core/a.cpp', '#include <pqxx/pqxx>'),
    ('server/core/a.cpp', '#include "server/storage/json_repository.h"'),
    ('server/storage/a.cpp', '#include "server/http/routes.h"'),
    ('server/http/a.cpp', '#include "server/storage/json_repository.h"'),
    ('server/http/a.cpp', '#include "peer_client/core/session.h"'),
    ('server/main.cpp', '#include "peer_server/core/shared_folder.h"'),
    ('server/main.cpp', '#include "tests/support/manual_clock.h"'),
    ('peer_server/core/a.h', '#include <grpcpp/grpcpp.h>'),
    ('peer_server/core/a.h', '  #  include  "peer_service.grpc.pb.h"'),
    ('peer_server/core/a.h', '#include <google/protobuf/message.h>'),
    ('peer_client/core/a.cpp', '#include "trueque/v1/file_transfer.pb.h"'),
    ('peer_client/core/a.cpp', '#include "peer_server/core/shared_folder.h"'),
    ('peer_client/cli/a.cpp', '#include "peer_client/rpc/grpc_peer_channel.h"'),
    ('peer_client/rpc/a.cpp', '#include "peer_client/cli/menu.h"'),
    ('peer_client/rpc/a.cpp', '#include "../core/peer_channel.h"'),
    ('peer_client/rpc/a.cpp', '#include "grpc_peer_channel.h"'),
    ('peer_client/network/a.cpp', '#include <vector>'),
])
def test_a_breach_is_named(tmp_path, source, line):
    path = tmp_path / source
    path.parent.mkdir(parents=True)
    path.write_text(f'// Planted.\n{line}\n')
    found = check_includes.check_tree(tmp_path)
    assert len(found) == 1
    assert found[0].startswith(source)


@pytest.mark.parametrize('source, line', [
    ('common/base/a.cpp', '#include <spdlog/spdlog.h>'),
    ('common/directory/a.cpp', '#include <httplib.h>'),
    ('common/directory/a.cpp', '#include "common/content/content_id.h"'),
    ('server/core/a.cpp', '#include "common/directory/directory_types.h"'),
    ('server/http/a.cpp', '#include "server/core/directory.h"'),
    ('server/main.cpp', '#include "server/http/routes.h"'),
    ('peer_client/rpc/a.cpp', '#include "trueque/v1/file_transfer.grpc.pb.h"'),
    ('peer_client/rpc/a.cpp', '#include "peer_client/core/peer_channel.h"'),
    ('peer_client/rpc/a.cpp', '// #include "peer_client/cli/menu.h"'),
])
def test_what_the_layers_allow_is_allowed(tmp_path, source, line):
    path = tmp_path / source
    path.parent.mkdir(parents=True)
    path.write_text(f'{line}\n')
    assert check_includes.check_tree(tmp_path) == []
