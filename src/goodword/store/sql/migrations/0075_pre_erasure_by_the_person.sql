-- Why: a person asks at the portal to be erased, which their mailbox confirms as it does that another account is theirs.

alter table portal_merge add column money text collate "C", alter column money set statistics 10;

comment on table portal_merge is 'Who asks that another account go on as theirs, or to be erased, until the mailbox confirms it, they take it back, or it is over. Instants are of the real clock.';
comment on column portal_merge.money is 'who asks to be erased: whether they are paid first (pay) or give up what is open (give_up); null: they ask for another account';
