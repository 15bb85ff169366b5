-- Why: entries are decided under the second behaviour from here on, which a server of before does not know (docs/decisions/0031).

select 1;

-- Which event brought a name or a key by which persons are recognised, so that verification can hold them against its digest in the
-- log. Of what was there before it is not known.
alter table alias add column evt text collate "C", alter column evt set statistics 10;
alter table match_key
  add column evt text collate "C", alter column evt set statistics 10,
  add column raised text collate "C", alter column raised set statistics 10;
comment on column alias.evt is 'the event that brought it; null: none did, or it is of before digests of names stood in the log';
comment on column match_key.evt is 'the event that brought it; null: of before such digests stood in the log';
comment on column match_key.raised is 'the event of a trusted source that said it after one that was none; null: none';
