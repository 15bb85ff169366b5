-- Why: most fields of a new row hold what they hold of themselves. Where the column says so, they need not be written
-- (``store/entities``; a test holds the columns to the structs).

alter table program alter column versions set default '[]', alter column moves set default '[]';
alter table advocate alter column missed set default '[]';
alter table code alter column leads set default '[]';
alter table customer
  alter column traits set default '{}',
  alter column visitors set default '[]',
  alter column referrals set default '[]',
  alter column unverified_leads set default '[]',
  alter column disposable set default false;
alter table kin alter column members set default '[]';
alter table visitor alter column leads set default '[]';
alter table lead alter column unverified set default false;
alter table referral
  alter column typed set default false,
  alter column qualified set default '[]',
  alter column paid set default '{}',
  alter column acts set default '[]';
alter table conversion
  alter column at set default 0,
  alter column name set default 'purchase',
  alter column tax set default 0,
  alter column shipping set default 0,
  alter column discount set default 0,
  alter column lines set default '[]',
  alter column back set default '{}',
  alter column waiting set default 0,
  alter column chargebacks set default 0,
  alter column cases set default '{}',
  alter column rivals set default '[]',
  alter column rewards set default '[]';
alter table refund
  alter column goods set default 0,
  alter column tax set default 0,
  alter column shipping set default 0,
  alter column lines set default '[]',
  alter column said set default '[]',
  alter column n set default 0;
alter table chargeback alter column opened set default true;
alter table reward
  alter column sent set default 0,
  alter column netted set default 0,
  alter column cases set default '[]',
  alter column approvals set default '[]',
  alter column acts set default '[]';
alter table counter
  alter column count set default 0,
  alter column amounts set default '{}',
  alter column days set default '{}';
alter table "case" alter column rewards set default '[]';
alter table payout alter column releases set default '[]';
