-- Why: staff find people by the first letters of their names, of which the database knows only keyed digests, and read lists of
-- referrals and orders, the newest first, however many there are of other states and programs.

drop index referral_program;
create index referral_program on referral (workspace_id, program, status, id);
-- Their conditions, which always hold, keep them from being taken for a lookup that does not name them.
create index referral_advocate on referral (workspace_id, ((shares -> 0) ->> 'person'), id) where (status <> '');
create index conversion_status on conversion (workspace_id, status, at, id) where (status <> '');

create table search_word (
  workspace_id text collate "C" not null,
  blind        bytea not null,
  person       text collate "C" not null,
  primary key (workspace_id, blind, person)
) with (autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create index search_word_person on search_word (workspace_id, person);
alter table search_word alter column workspace_id set statistics 0, alter column blind set statistics 10,
  alter column person set statistics 10;
comment on table search_word is
  'By which words advocates, friends and beneficiaries are found: HMACs, under the workspace''s index key, of the words of their names and of '
  'the local part of their mails, and of the first 3 to 10 letters of each. Written behind the log by the follower ''search'', gone with the person.';
