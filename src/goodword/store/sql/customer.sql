-- name: load
-- Those with these keys.
select person, known_since, first_conversion_at, country, traits, visitors, referrals, unverified_leads
from unnest($2::text[]) as wanted (key)
cross join lateral (
  select * from customer as it where it.workspace_id = $1 and it.person = wanted.key order by it.person limit 1
) as found;

-- name: save
-- Write them whole, new or not; they come as one JSON array.
insert into customer (
  workspace_id, person, known_since, first_conversion_at, country, traits, visitors, referrals, unverified_leads
)
select $1, person, known_since, first_conversion_at, country, traits, visitors, referrals, unverified_leads
from json_populate_recordset(null::customer, $2)
on conflict (workspace_id, person) do update set
  known_since = excluded.known_since, first_conversion_at = excluded.first_conversion_at,
  country = excluded.country, traits = excluded.traits, visitors = excluded.visitors,
  referrals = excluded.referrals, unverified_leads = excluded.unverified_leads;

-- name: every
-- The whole noun, for verification.
select person, known_since, first_conversion_at, country, traits, visitors, referrals, unverified_leads
from customer where workspace_id = $1 order by person;
