-- Why: of what another system only names, the object is fetched from it, with a key that it made.

alter table api_key drop constraint api_key_kind_check;
alter table api_key add constraint api_key_kind_check check (kind in ('sk', 'wk', 'pk', 'mk', 'hs', 'rk'));
comment on column api_key.source is 'of a secret (hs): the source that signs with it; of a restricted key (rk): the one that is asked with it';
comment on column api_key.sealed is 'of a secret (hs) or a restricted key (rk): its text, sealed with the key for texts of the workspace';
