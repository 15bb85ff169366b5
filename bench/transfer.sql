\set a random(1, 5000)
\set b random(5001, 10000)
begin;
update account set balance = balance - 100 where id = :a;
update account set balance = balance + 100 where id = :b;
insert into posting (source, destination, amount) values (:a, :b, 100);
end;
