-- name: add
-- One more version.
insert into message_text (workspace_id, topic, language, version, hash, text, said_by, said_at)
select $1, $2, $3, coalesce(max(version), 0) + 1, $4, $5, $6, $7 from message_text where workspace_id = $1 and topic = $2 and language = $3;

-- name: versions
-- All versions of a text, the newest first.
select version, hash, said_by, said_at from message_text
where workspace_id = $1 and topic = $2 and language = $3 order by version desc limit $4;

-- name: text
-- What a version says.
select text from message_text where workspace_id = $1 and topic = $2 and language = $3 and version = $4;

-- name: present
-- The newest version of each text of messages, or else of pages of help; of those that ended, too.
select distinct on (topic, language) topic, language, version, text, said_by, said_at from message_text
where workspace_id = $1 and starts_with(topic, 'help.') = $2 order by topic, language, version desc;
