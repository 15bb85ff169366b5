-- Why: a trial. The old version cannot live with it.
alter table reward rename column gross to earned;
drop table later;
