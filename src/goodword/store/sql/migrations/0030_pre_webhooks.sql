-- Why: what is decided is told to other systems. Each endpoint follows the log by itself; of what it was told only what is under way,
-- what was given up and the last deliveries are kept, so that neither grows with the history.

create table webhook (
  workspace_id text collate "C" not null,
  id           text collate "C" not null,
  url          text not null,
  description  text not null default '',
  types        jsonb not null,
  programs     jsonb not null,
  status       text collate "C" not null,
  reason       text collate "C" not null default '',
  secrets      bytea not null,
  made_by      text collate "C" not null,
  made_at      bigint not null,
  position     bigint not null,
  replay_after bigint,
  replay_to    bigint,
  failures     integer not null default 0,
  rests_until  bigint not null default 0,
  leased_until bigint not null default 0,
  primary key (workspace_id, id)
) with (fillfactor = 50, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
comment on table webhook is 'Addresses that are told what is decided, and how far each was told the log.';
comment on column webhook.types is 'the types of notices that it gets';
comment on column webhook.programs is 'ids of programs that it is limited to; none: all';
comment on column webhook.status is 'active, paused';
comment on column webhook.reason is 'why it is paused: asked, gone (it answered 410), too_many (deliveries that were given up)';
comment on column webhook.secrets is 'sealed under the key of texts for staff: what deliveries are signed with, the newest first';
comment on column webhook.position is 'the last entry of the log of which it was told, or of which deliveries are kept';
comment on column webhook.replay_after is 'what it is told once more: the entries behind this one, up to replay_to; null: nothing';
comment on column webhook.failures is 'rounds of deliveries in a row of which none arrived';
comment on column webhook.rests_until is 'real time before which nothing is tried, because none of the last round arrived';
comment on column webhook.leased_until is 'until when a worker has it in hand';

create table webhook_delivery (
  workspace_id text collate "C" not null,
  webhook      text collate "C" not null,
  id           text collate "C" not null,
  state        text collate "C" not null,
  type         text collate "C" not null,
  position     bigint not null,
  attempts     integer not null,
  first_at     bigint not null,
  last_at      bigint not null,
  due_at       bigint not null,
  answered     integer,
  took         integer not null default 0,
  answer       text not null default '',
  primary key (workspace_id, webhook, id)
) with (fillfactor = 70, autovacuum_analyze_scale_factor = 1, autovacuum_vacuum_insert_scale_factor = 1);
create index webhook_delivery_state on webhook_delivery (workspace_id, webhook, state, due_at);
comment on table webhook_delivery is
  'Deliveries that are tried again (waiting) or were given up (dead), and the last of an endpoint that arrived (delivered).';
comment on column webhook_delivery.id is 'the id of the message, the same for ever';
comment on column webhook_delivery.position is 'the entry of the log that it is made of; 0: a test';
comment on column webhook_delivery.first_at is 'real time of the first try: three days later it is given up';
comment on column webhook_delivery.due_at is 'real time of the next try; of what arrived or was given up: of the last one';
comment on column webhook_delivery.answered is 'what the receiver answered last; null: nothing';
comment on column webhook_delivery.took is 'milliseconds of the last try';
comment on column webhook_delivery.answer is 'the beginning of what the receiver answered, or why there was no answer';
do $$
declare c record;
begin
  for c in select attrelid::regclass as it, attname from pg_attribute
    where attrelid in ('webhook'::regclass, 'webhook_delivery'::regclass) and attnum > 0
  loop
    execute format('alter table %s alter column %I set statistics %s', c.it, c.attname, case c.attname when 'workspace_id' then 0 else 10 end);
  end loop;
end $$;
