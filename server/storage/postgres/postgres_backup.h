// A whole directory out of a database and into one: how one moves between backends.
#pragma once

#include "common/base/clock.h"
#include "server/storage/directory_backup.h"
#include "server/storage/postgres/postgres_pool.h"

namespace trueque {

// Everything there is, all of one moment; servers go on meanwhile.
Result<DirectoryBackup> read_postgres_backup(PostgresPool& pool, const Clock& clock);

// Takes the backup over, wholly or not at all. kFailedPrecondition when the database
// holds peers or accounts already: those are not for an import to throw away.
Status import_into_postgres(PostgresPool& pool, const DirectoryBackup& backup);

}  // namespace trueque
