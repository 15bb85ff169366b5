-- Why: entries are decided under the second behaviour from here on, which a server of before does not know (docs/decisions/0031).

select 1;
