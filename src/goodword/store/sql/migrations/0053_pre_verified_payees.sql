-- Why: banks say whether an account is known by the name in somebody's payment details. The answer stands with the payee; the name that a
-- bank suggests is personal, and sealed with the details.

alter table payee
  add column checked jsonb,
  add column asked jsonb not null default '[]',
  add column refused jsonb not null default '[]';
comment on column payee.checked is 'what was answered last about these very details: answer, who said it, when';
comment on column payee.asked is 'open cases about answers: until they are closed nothing goes to this payee';
comment on column payee.refused is 'digests of details that a person found to be another''s';

alter table payee_detail add column suggested bytea;
comment on column payee_detail.suggested is 'sealed under the person''s own key: the name by which a bank knows the account';

do $$
declare c record;
begin
  for c in
    select attrelid::regclass as of, attname from pg_attribute
    where (attrelid = 'payee'::regclass and attname in ('checked', 'asked', 'refused'))
      or (attrelid = 'payee_detail'::regclass and attname = 'suggested')
  loop
    execute format('alter table %s alter column %I set statistics 10', c.of, c.attname);
  end loop;
end $$;
