-- What a peer shares in one number, told by logins and heartbeats: see file_set_digest.h.

alter table peers add column files_revision bigint not null default 0;
-- Null: not known. Peers that are here already get theirs when they are next heard from.
alter table peers add column files_digest bytea;
