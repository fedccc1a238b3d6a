#include "server/storage/postgres/postgres_statements.h"

namespace trueque {
namespace {

constexpr PostgresStatement kStatements[] = {
    // Accounts
    {"find_account", "select password_hash from accounts where username = $1"},
    {"create_account", "insert into accounts values ($1, $2) on conflict do nothing"},
    {"set_password", "update accounts set password_hash = $2 where username = $1"},

    // Peers and sessions. A transaction locks the peer's row before anything of the peer's.
    {"put_peer",  // username, ip, port, now, lease in seconds
     "insert into peers (username, ip, port, login_order, last_seen, files_revision,"
     "  files_digest) values ($1, $2, $3, nextval('login_order'),"
     "  coalesce(to_timestamp($4), now()), (extract(epoch from clock_timestamp()) * 1e6)::bigint,"
     "  decode(repeat('00', 16), 'hex'))"
     " on conflict (username, ip, port) do update set login_order = excluded.login_order,"
     "  last_seen = excluded.last_seen,"
     "  lease_until = case when peers.lease_until is not null"
     "   then excluded.last_seen + make_interval(secs => $5) end"
     " returning peer_id, login_order, file_count, files_revision, files_digest"},
    {"put_session",  // token, peer_id, login_order, opened
     "insert into sessions values ($1, $2, $3, $4) on conflict do nothing"},
    {"lock_peer",
     "select peer_id, file_count, files_revision, files_digest from peers"
     " where username = $1 and ip = $2 and port = $3 for update"},
    {"lock_peer_of_session",
     "select peer_id from peers where peer_id = (select peer_id from sessions where token = $1)"
     " for update"},
    {"end_session", "delete from sessions where token = $1"},
    {"end_latest_session",
     "delete from sessions where token = (select token from sessions where peer_id = $1"
     " order by login_order desc limit 1)"},
    {"end_peer_without_sessions",
     "delete from peers where peer_id = $1"
     " and not exists (select from sessions where peer_id = $1)"},
    {"find_session",
     "select username, ip, port, opened_us from sessions join peers using (peer_id)"
     " where token = $1"},
    {"latest_peer_at",  // ip, port or null
     "select username, ip, port from peers where ip = $1 and ($2::integer is null or port = $2)"
     " order by login_order desc limit 1"},
    {"has_peer", "select from peers where username = $1 and ip = $2 and port = $3"},
    {"list_peers",  // now
     "select username, ip, port, file_count,"
     "  greatest(extract(epoch from coalesce(to_timestamp($1), now()) - last_seen), 0)::bigint"
     " from peers order by username, ip, port"},

    // Leases. Moving one and touches are not worth waiting for the disk: one lost in a crash
    // of the database is made good by the next heartbeat. That there is a lease is.
    {"move_lease",  // username, ip, port, now, lease in seconds
     "update peers set last_seen = coalesce(to_timestamp($4), now()),"
     "  lease_until = coalesce(to_timestamp($4), now()) + make_interval(secs => $5)"
     " where username = $1 and ip = $2 and port = $3 and lease_until is not null"
     " returning file_count, files_revision, files_digest"},
    {"begin_lease",  // peer_id, now, lease in seconds
     "update peers set last_seen = coalesce(to_timestamp($2), now()),"
     "  lease_until = coalesce(to_timestamp($2), now()) + make_interval(secs => $3)"
     " where peer_id = $1"},
    {"touch",
     "update peers set last_seen = coalesce(to_timestamp($4), now())"
     " where username = $1 and ip = $2 and port = $3"},
    {"grant_full_leases",  // now, lease in seconds
     "update peers set lease_until = coalesce(to_timestamp($1), now())"
     "  + make_interval(secs => $2) where lease_until is not null"},
    // One replica at a time sweeps; the others need not wait for it.
    {"try_to_be_the_sweeper", "select pg_try_advisory_xact_lock(8783784)"},
    {"end_leases",
     "delete from peers where lease_until <= coalesce(to_timestamp($1), now())"
     " returning username, ip, port"},
    {"end_old_sessions",
     "with ended as (delete from sessions where opened_us < $1 returning peer_id)"
     " select distinct peer_id from ended"},
    {"end_sessionless_peer",
     "delete from peers where peer_id = $1"
     " and not exists (select from sessions where peer_id = $1) returning username, ip, port"},

    // Files
    {"files_of_peer", "select name, size, content_id from files where peer_id = $1"},
    {"files_of_peer_named",  // peer_id, names
     "select name, size, content_id from files"
     " where peer_id = $1 and name = any ($2::text[])"},
    {"put_files",  // peer_id, names, components, folded, marked, sizes, content ids
     "insert into files select $1, * from unnest($2::text[], $3::text[], $4::text[], $5::text[],"
     "  $6::bigint[], $7::bytea[])"
     " on conflict (peer_id, name) do update set size = excluded.size,"
     "  content_id = excluded.content_id"},
    {"drop_files",
     "delete from files where peer_id = $1 and name = any ($2::text[])"
     " returning name, size, content_id"},
    // By the clock where it is ahead, so that a peer that goes and comes back never has a
    // number it had before.
    {"note_files",  // peer_id, file count, digest or null
     "update peers set file_count = $2, files_digest = $3::bytea,"
     "  files_revision = greatest(files_revision + 1,"
     "   (extract(epoch from clock_timestamp()) * 1e6)::bigint) where peer_id = $1"},
    {"know_digest", "update peers set files_digest = $2 where peer_id = $1"},
    // The text is another one after every change of files.
    {"count_peers",
     "select count(*), coalesce(sum(file_count), 0), concat_ws(' ', count(*), sum(file_count),"
     "  sum(files_revision), max(peer_id)) from peers"},
    {"count_names", "select count(distinct name), count(distinct content_id) from files"},

    // Look-ups look at a bounded number of rows and share out the answer: the first of each
    // content, then the second of each, and so on.
    {"find_by_name",  // name, limit, most rows looked at
     "with found as ("
     "  (select peer_id, name, size, content_id from files where name = $1 limit $3)"
     "  union all"
     "  (select peer_id, name, size, content_id from files where component = $1 and name <> $1"
     "   limit $3)),"
     " turns as (select *, row_number() over (partition by name, size, content_id"
     "  order by peer_id) as turn from found)"
     " select username, ip, port, name, size, content_id from turns join peers using (peer_id)"
     " order by turn, name <> $1, name, peer_id limit $2"},
    {"find_by_content",  // content id, limit, most rows looked at
     "with found as (select peer_id, name, size, content_id from files where content_id = $1"
     "  limit $3),"
     " turns as (select *, row_number() over (partition by name, size order by peer_id) as turn"
     "  from found)"
     " select username, ip, port, name, size, content_id from turns join peers using (peer_id)"
     " order by turn, name, peer_id limit $2"},
    // The same of many, each in a look-up of its own within the statement.
    {"find_by_names",  // names, limit, most rows looked at for each
     "select username, ip, port, name, size, content_id"
     " from unnest($1::text[]) with ordinality as wanted (wanted, n) cross join lateral ("
     "  with found as ("
     "   (select peer_id, name, size, content_id from files where name = wanted limit $3)"
     "   union all"
     "   (select peer_id, name, size, content_id from files where component = wanted"
     "    and name <> wanted limit $3)),"
     "  turns as (select *, row_number() over (partition by name, size, content_id"
     "   order by peer_id) as turn from found)"
     "  select *, row_number() over (order by turn, name <> wanted, name, peer_id) as place"
     "   from turns order by place limit $2) as shared"
     " join peers using (peer_id) order by n, place"},
    {"find_by_contents",  // content ids, limit, most rows looked at for each
     "select username, ip, port, name, size, content_id"
     " from unnest($1::bytea[]) with ordinality as wanted (wanted, n) cross join lateral ("
     "  with found as (select peer_id, name, size, content_id from files"
     "   where content_id = wanted limit $3),"
     "  turns as (select *, row_number() over (partition by name, size order by peer_id) as turn"
     "   from found)"
     "  select *, row_number() over (order by turn, name, peer_id) as place"
     "   from turns order by place limit $2) as shared"
     " join peers using (peer_id) order by n, place"},

    // Every word is in the name; of them the longest leads, for an index finds it.
    {"search",  // whole, longest word's pattern, all patterns, marked words, limit,
                // and where the page before ended, or nulls: rank, sources, name, size, id
     "select name, size, content_id, sources, rank from ("
     " select name, size, content_id, count(*) as sources,"
     "  case when folded = $1 then 0 when starts_with(folded, $1) then 1"
     "   when not exists (select from unnest($4::text[]) as word where position(word in marked) = "
     "0)"
     "   then 2 else 3 end as rank"
     "  from files where folded like $2 and folded like all ($3::text[])"
     "  group by name, size, content_id, folded, marked) as hits"
     " where $6::integer is null or (rank, -sources, name, coalesce(size, -1),"
     "  coalesce(content_id, '')) > ($6, -$7::bigint, $8::text, $9::bigint, $10::bytea)"
     " order by rank, sources desc, name, coalesce(size, -1), coalesce(content_id, '') limit $5"},
    // Of many sources some, and others the next turn.
    {"sources_of_files",  // names, sizes, content ids, turn, most sources, person or null
     "select wanted.n, username, ip, port"
     " from unnest($1::text[], $2::bigint[], $3::bytea[]) with ordinality"
     "  as wanted (name, size, content_id, n)"
     " cross join lateral (select peer_id, row_number() over (order by peer_id) - 1 as place,"
     "  count(*) over () as sources from (select peer_id from files"
     "   where name = wanted.name and size is not distinct from wanted.size"
     "   and content_id is not distinct from wanted.content_id and ($6::text is null or peer_id in"
     "    (select peer_id from peers where username = $6)) limit 1000) as nearest) as shared"
     " join peers using (peer_id)"
     " where sources <= $5 or (place - $4::bigint * $5 % sources + sources) % sources < $5"
     " order by wanted.n, peer_id"},
};

}  // namespace

std::span<const PostgresStatement> postgres_statements() { return kStatements; }

}  // namespace trueque
