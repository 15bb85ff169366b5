-- A plain double entry: a transfer between two of ten thousand accounts.
create table account (id int primary key, balance bigint not null);
create table posting (id bigint generated always as identity primary key, source int not null references account,
  destination int not null references account, amount bigint not null check (amount > 0));
insert into account select n, 0 from generate_series(1, 10000) n;
