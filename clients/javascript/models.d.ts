// What the calls take and give, made from the published document by scripts/generate_clients.py: change it there.

/** A reward with both parties by name. */
export interface About {
  reward: Reward;
  program: string;
  version: number | null;
  referrers: Array<Party>;
  friend: Party;
  beneficiary: Party;
  invoice: string | null;
  paid: number | null;
  currency: string | null;
}

/** What is recommended */
export interface Advice {
  advice: string;
  version: number;
  reasons: Array<Ground>;
}

/** One person in one program, with what they share */
export interface Advocate {
  id: string;
  person: string;
  external_id: string | null;
  program: string;
  status: string;
  enrolled_at: string;
  terms: boolean;
  codes: Array<string>;
  links: Array<Link>;
}

/** A person becomes an advocate; without `code` one is made. */
export interface AdvocateEnrolled {
  type: "advocate.enrolled";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  external_id: string;
  email?: string | null;
  phone?: string | null;
  name?: string | null;
  code?: string | null;
  accepted_terms?: boolean;
  terms_sha256?: string | null;
}

/** An advocate takes leave; what is open is still paid. */
export interface AdvocateLeft {
  type: "advocate.left";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  external_id: string;
}

/** A suspended advocate goes on. */
export interface AdvocateResumed {
  type: "advocate.resumed";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  external_id: string;
}

/** The company stops an advocate for now. */
export interface AdvocateSuspended {
  type: "advocate.suspended";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  external_id: string;
}

/** What you may approve today for the beneficiary. */
export interface Allowed {
  unit: string;
  day: string;
  limit: number | null;
  used: number;
  left: number | null;
  refusal: string | null;
}

/** What stands in an account. */
export interface Balance {
  program: string;
  account: string;
  owner: string;
  unit: string;
  amount: number;
}

/** What another system owes an advocate, or with a negative amount is owed by them. */
export interface BalanceOpened {
  type: "balance.opened";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  external_id: string;
  amount: number;
  currency?: string | null;
  kind?: "cash" | "credit" | "points";
  reference: string;
}

/** What follows the log and has taken it up to `position`. */
export interface Behind {
  follower: string;
  position: number;
  seconds: number;
}

/** A member; `mail` is null for who may not see it. */
export interface ByMember {
  id: string;
  mail: string | null;
}

/** A task for a person. */
export interface Case {
  id: string;
  kind: string;
  program: string | null;
  subject: string;
  status: string;
  opened_at: string;
  flags: Array<Array<any>>;
  rewards: Array<string>;
  outcome: string | null;
  decided_by: string | null;
  decided_at: string | null;
  appealed_at: string | null;
  appeal_until: string | null;
  assignee: string | null;
  due_at: string | null;
  snoozed_until: string | null;
  comments: Array<Comment>;
  worth: string | null;
  person: string | null;
  reason: string | null;
}

/** The bank has decided. */
export interface ChargebackClosed {
  type: "chargeback.closed";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  invoice_id: string;
  chargeback_id: string;
  outcome: "kept" | "lost";
}

/** The buyer's bank asks a payment back */
export interface ChargebackOpened {
  type: "chargeback.opened";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  invoice_id: string;
  chargeback_id: string;
  amount?: number | null;
  currency?: string | null;
}

/** An assertion that advocates brought a friend, beside what it is said against. */
export interface Claim {
  id: string;
  program: string;
  friend: string;
  shares: Array<Share>;
  given: Array<Share>;
  kind: string;
  status: string;
  lead_at: string;
  opened_at: string;
  entered_by: string | null;
  decided_by: string | null;
  evidence: Array<string>;
  stops_at: string | null;
  cases: Array<string>;
  appealed_at: string | null;
  appeal_until: string | null;
  comments: Array<Comment>;
  friend_name: string | null;
  claimed: ClaimSide;
  standing: Array<ClaimSide>;
}

/** An advocate's exact part, and their name for who may see it. */
export interface ClaimShare {
  person: string;
  numerator: number;
  denominator: number;
  name: string | null;
}

/** Who brought the friend, as one side says, with what speaks for it and what stands. */
export interface ClaimSide {
  referral: string | null;
  program: string;
  shares: Array<ClaimShare>;
  lead_at: string;
  touches: Array<ClaimTouch>;
  stakes: Array<Stake>;
  terms: string | null;
  confidence: string | null;
}

/** What speaks for a side */
export interface ClaimTouch {
  id: string;
  kind: string;
  at: string;
  said_by: string;
  verified: boolean;
  bot: boolean;
  advocate: string | null;
}

/** A click of an advocate's link that the sender's own redirect saw. */
export interface ClickRecorded {
  type: "click.recorded";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  code: string;
  visitor_id?: string | null;
  click_id?: string | null;
  ip?: string | null;
  user_agent?: string | null;
  device_id?: string | null;
  channel?: string | null;
  source?: string | null;
  medium?: string | null;
  campaign?: string | null;
}

/** What somebody typed about a case or a claim; its text is the note of that digest. */
export interface Comment {
  by: string;
  at: string;
  note: string;
}

/** A person agreed to something, or took that back */
export interface ConsentRecorded {
  type: "consent.recorded";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  customer_external_id: string;
  purpose: string;
  outcome: "given" | "revoked";
  channel?: string | null;
  until?: string | null;
  proof?: string | null;
  shown_as?: string | null;
}

/** A paid invoice has other figures, all of which are said anew; what it earned rises or falls with them. */
export interface ConversionAmended {
  type: "conversion.amended";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  invoice_id: string;
  amendment_id: string;
  amount: number;
  currency: string;
  tax?: number;
  shipping?: number;
  discount?: number;
  lines?: Array<Line>;
  reason?: string | null;
}

/** An order or a contract was taken back whole */
export interface ConversionCanceled {
  type: "conversion.canceled";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  invoice_id?: string | null;
  event_id?: string | null;
  reason?: string | null;
}

/** Something that counts happened, by default a purchase; with a touch it is a lead too. */
export interface ConversionRecorded {
  type: "conversion.recorded";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  customer_external_id: string;
  name?: string;
  invoice_id?: string | null;
  amount?: number | null;
  currency?: string | null;
  status?: "open" | "paid";
  test?: boolean;
  code?: string | null;
  link_code?: string | null;
  click_id?: string | null;
  visitor_id?: string | null;
  customer_email?: string | null;
  country?: string | null;
  payment_fingerprint?: string | null;
  device_id?: string | null;
  tax?: number;
  shipping?: number;
  discount?: number;
  lines?: Array<Line>;
  settled?: boolean;
  offer_id?: string | null;
}

/** Money of an invoice was given back */
export interface ConversionRefunded {
  type: "conversion.refunded";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  invoice_id: string;
  refund_id: string;
  amount: number;
  currency?: string | null;
  tax?: number;
  shipping?: number;
  lines?: Array<RefundLine>;
  reason?: string | null;
}

/** Somebody uses store credit, or without a `currency` points of the `program` */
export interface CreditRedeemed {
  type: "credit.redeemed";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  customer_external_id: string;
  redemption_id: string;
  amount: number;
  currency?: string | null;
  order_reference?: string | null;
}

/** What was redeemed is given back, all of it or `amount` */
export interface CreditReversed {
  type: "credit.reversed";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  redemption_id: string;
  reversal_id: string;
  amount?: number | null;
}

/** The issue of that name is closed. */
export interface CustomerIssueClosed {
  type: "customer.issue_closed";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  customer_external_id: string;
  issue: string;
}

/** A customer has an issue with the company */
export interface CustomerIssueOpened {
  type: "customer.issue_opened";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  customer_external_id: string;
  issue: string;
}

/** The person was a customer since then */
export interface CustomerKnown {
  type: "customer.known";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  customer_external_id: string;
  since: string;
}

/** What the sender knows of a customer; what is not said stays as it was. */
export interface CustomerUpdated {
  type: "customer.updated";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  customer_external_id: string;
  email?: string | null;
  phone?: string | null;
  name?: string | null;
  language?: string | null;
  time_zone?: string | null;
  country?: string | null;
  company?: string | null;
  traits?: Record<string, boolean | number | string | null>;
}

/** A partner says that they bring a deal */
export interface DealRegistered {
  type: "deal.registered";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  advocate_external_id: string;
  customer_external_id: string;
  company: string;
  company_domain?: string | null;
  company_id?: string | null;
  customer_email?: string | null;
  customer_phone?: string | null;
  customer_name?: string | null;
  amount?: number | null;
  currency?: string | null;
  note?: string | null;
  entered_by?: string | null;
  percent?: string | number | null;
}

/** What a CRM says of a deal, all of it anew */
export interface DealReported {
  type: "deal.reported";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  deal_id: string;
  status: "lost" | "open" | "won";
  company?: string | null;
  company_domain?: string | null;
  company_id?: string | null;
  customer_external_id?: string | null;
  contact_external_ids?: Array<string>;
  customer_email?: string | null;
  customer_name?: string | null;
  stage?: string | null;
  amount?: number | null;
  currency?: string | null;
  opened_at?: string | null;
  code?: string | null;
  registration_id?: string | null;
  orders?: boolean;
  was_won?: boolean;
}

/** An entry of the log */
export interface Decision {
  evt: string;
  type: string;
  position: number;
  as_of: string;
  occurred_at: string;
  actor: string | null;
  note: string | null;
  verdicts: Array<Verdict>;
  postings: Array<Array<any>>;
}

/** Where an event stands */
export interface Event {
  evt: string;
  status: "waiting" | "set_aside" | "decided";
  decision: Decision | null;
  mapped: EventMapped | null;
  said: EventSaid | null;
}

/** EventAnswer. */
export interface EventAnswer {
  id: string | null;
  status: "accepted" | "repeat" | "conflict" | "invalid";
  code?: string;
  field?: string;
  decision?: EventDecision;
  link?: Link;
}

/** EventAnswers. */
export interface EventAnswers {
  items: Array<EventAnswer>;
}

/** EventDecision. */
export interface EventDecision {
  evt: string;
  position: number;
  verdicts: Array<Verdict>;
  postings: Array<any>;
}

/** By which mapping of your own an event was read, and what that calls it. */
export interface EventMapped {
  source: string;
  version: number | null;
  hash: string;
  called: string;
}

/** When an event was said to happen, as it was sent, where that was understood as another time */
export interface EventSaid {
  at: string;
  hours_off: number;
}

/** A verdict in words. */
export interface ExplainedVerdict {
  evt: string;
  subject: string | null;
  outcome: string;
  refusal: string | null;
  beneficiary: string;
  finance: string;
  steps: Array<string>;
}

/** Every decision about something, the oldest first, with a sentence for the beneficiary and one for finance each. */
export interface Explanation {
  id: string;
  decisions: Array<Decision>;
  sentences: Array<ExplainedVerdict>;
}

/** One input or piece of evidence */
export interface Fact {
  code: string;
  state: string;
  values: Record<string, any>;
  met: Record<string, any>;
  evt: string | null;
  position: number | null;
  noun: string | null;
  id: string | null;
}

/** Why an attribution is as sure as it is */
export interface Ground {
  code: string;
  values: Record<string, any>;
  sentence: string;
}

/** By which version of an agreement a reward was judged when it was earned; `own_rate` */
export interface HeldAgreement {
  id: string;
  version: number;
  own_rate: boolean;
}

/** What a list says of a reward or payout */
export interface Item {
  id: string;
  amount: number;
  unit: string;
  destination: string | null;
}

/** A friend showed up */
export interface LeadCreated {
  type: "lead.created";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  customer_external_id: string;
  visitor_id?: string | null;
  click_id?: string | null;
  code?: string | null;
  link_code?: string | null;
  customer_email?: string | null;
  customer_phone?: string | null;
  customer_name?: string | null;
  device_id?: string | null;
  company?: string | null;
  country?: string | null;
  form?: Record<string, any> | string | null;
  entered_by?: string | null;
}

/** One line of an invoice. */
export interface Line {
  id: string;
  product: string;
  amount: number;
  brand?: string | null;
  quantity?: number;
}

/** What an advocate shares */
export interface Link {
  code: string;
  url: string;
}

/** A frozen list */
export interface ListToDecide {
  items: Array<Item>;
  list_sha256: string;
  shown: Array<Shown>;
  left_out: Record<string, number>;
}

/** A mail to an advocate came back */
export interface MessageBounced {
  type: "message.bounced";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  message_id: string;
  hard?: boolean;
  reason?: string | null;
}

/** Who got a mail called it unwanted, as their mail provider reports */
export interface MessageComplained {
  type: "message.complained";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  message_id: string;
}

/** Who got a mail wants no more of its topic, or with `all` none of any. */
export interface MessageUnsubscribed {
  type: "message.unsubscribed";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  message_id: string;
  all?: boolean;
}

export type NativeEvent =
  | AdvocateEnrolled
  | AdvocateSuspended
  | AdvocateResumed
  | AdvocateLeft
  | ClickRecorded
  | LeadCreated
  | ConversionRecorded
  | ConversionAmended
  | ConversionCanceled
  | ConversionRefunded
  | RefundReturned
  | RefundOpened
  | RefundClosed
  | ChargebackOpened
  | ChargebackClosed
  | CustomerKnown
  | CustomerUpdated
  | ConsentRecorded
  | CustomerIssueOpened
  | CustomerIssueClosed
  | SurveyAnswered
  | MessageBounced
  | MessageComplained
  | MessageUnsubscribed
  | ReferralImported
  | BalanceOpened
  | PersonMerged
  | DealReported
  | DealRegistered
  | CreditRedeemed
  | CreditReversed;

/** One part of a priority. */
export interface Part {
  code: string;
  value: number;
  points: number;
}

/** A person; `name` */
export interface Party {
  id: string;
  name: string | null;
}

/** What is sent to one beneficiary. */
export interface Payout {
  id: string;
  beneficiary: string;
  rail: string;
  unit: string;
  amount: number;
  status: string;
  rewards: Array<string>;
  destination: string;
  drafted_by: string;
  drafted_at: string;
  schedule: string | null;
  releases: Array<string>;
  reference: string | null;
  reason: string | null;
  arriving: Array<string>;
}

/** A person by the name the company gave; none can be shown of one who is locked, whose key does not open. */
export interface Person {
  id: string;
  external_id: string | null;
  locked: boolean;
}

/** Two accounts of yours are one person's */
export interface PersonMerged {
  type: "person.merged";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  keep_external_id: string;
  gone_external_id: string;
}

/** A posting */
export interface Posting {
  position: number;
  n: number;
  program: string;
  source: string;
  source_owner: string;
  to_program: string;
  destination: string;
  destination_owner: string;
  unit: string;
  amount: number;
  reward: string;
  earned: string | null;
}

/** A program with its versions, the oldest first. */
export interface Program {
  id: string;
  slug: string;
  status: string;
  versions: Array<Version>;
  join: string | null;
}

/** Where deciding stands. */
export interface Progress {
  position: number;
  as_of: string;
  waiting: number;
  set_aside: number;
  behind: Array<Behind>;
}

/** The decision that published rules. */
export interface Published {
  evt: string;
  type: string;
  position: number;
  as_of: string;
  occurred_at: string;
  actor: string | null;
  note: string | null;
  verdicts: Array<Verdict>;
  postings: Array<Array<any>>;
  warnings: Array<RuleWarning>;
}

/** A reward in review `since`. */
export interface Queued {
  about: About;
  since: string;
  decide_by: string;
  late: number;
  cause: string | null;
  points: number;
  parts: Array<Part>;
  risk: number;
  refusal: string | null;
  second: boolean;
}

/** The claim that won. */
export interface Referral {
  id: string;
  program: string;
  friend: string;
  shares: Array<Share>;
  rules: string;
  status: string;
  lead_at: string;
  touch_at: string | null;
  typed: boolean;
  confidence: string;
  grounds: Array<Ground>;
  offer: string | null;
}

/** A referral that runs in another system goes on here */
export interface ReferralImported {
  type: "referral.imported";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  customer_external_id: string;
  advocate_external_id: string;
  lead_at: string;
  first?: Record<string, string>;
}

/** What was asked back is not given back. */
export interface RefundClosed {
  type: "refund.closed";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  invoice_id: string;
  refund_id: string;
  reason?: string | null;
}

/** What was given back of one line. */
export interface RefundLine {
  id: string;
  amount: number;
}

/** Somebody asks for money back */
export interface RefundOpened {
  type: "refund.opened";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  invoice_id: string;
  refund_id: string;
  amount?: number | null;
  reason?: string | null;
}

/** A refund failed or was taken back */
export interface RefundReturned {
  type: "refund.returned";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  invoice_id: string;
  refund_id: string;
  amount?: number | null;
  reason?: string | null;
}

/** What one beneficiary earns for a conversion. */
export interface Reward {
  id: string;
  program: string;
  origin: "order" | "opening" | "goodwill" | "bonus" | "exchange" | "mistake" | "contribution";
  puts_right: string | null;
  document: string | null;
  corrections: Array<string>;
  referral: string;
  conversion: string;
  friend: string;
  side: string;
  beneficiary: string;
  kind: string;
  unit: string;
  gross: number;
  amount: number;
  sent: number;
  netted: number;
  repaid: number;
  forgiven: number;
  receivable: number;
  status: string;
  expected: boolean;
  earned_at: string;
  hold_until: string;
  approved_at: string | null;
  due_at: string | null;
  decide_by: string | null;
  snoozed_until: string | null;
  cases: Array<string>;
  awaits: Array<string>;
  approvals: Array<string>;
  rejecting: Array<string>;
  payout: string | null;
  agreement: HeldAgreement | null;
  route: RewardRoute | null;
  standing: RewardStanding | null;
  evt: string;
}

/** All that one reward is decided by */
export interface RewardRecord {
  about: About;
  inputs: Array<Fact>;
  evidence: Array<Fact>;
  lacks: Array<string>;
  confidence: string | null;
  grounds: Array<Ground>;
  recommended: Advice;
  approver: string;
  decide_by: string;
  mine: Allowed;
  second: SecondPerson;
  to_payee: string | null;
  to_finance: string | null;
  if_approved: string;
}

/** By which route a reward is decided */
export interface RewardRoute {
  table: string;
  name: string;
  role: string;
  fallback: string;
  days: number;
  why: Array<string>;
  two_above: number | null;
  per_advocate: number | null;
}

/** The standing approval under which a reward was earned. */
export interface RewardStanding {
  standing: string;
  waits: string | null;
  amount: number | null;
  at: string | null;
}

/** What is allowed in a rule file and hardly meant */
export interface RuleWarning {
  path: string;
  text: string;
}

/** Why two people must approve it, null */
export interface SecondPerson {
  why: string | null;
  first: Array<ByMember>;
  could: Array<ByMember>;
}

/** An advocate's exact part. */
export interface Share {
  person: string;
  numerator: number;
  denominator: number;
}

/** What stands beside an item of a list for who decides it */
export interface Shown {
  id: string;
  beneficiary: string;
  name: string | null;
  rail: string | null;
  last: string | null;
  changed_by: string | null;
  changed_at: string | null;
  entered_by: Array<string>;
  own_work: string | null;
  cases: Array<string>;
  awaits: Array<string>;
  approvals: Array<string>;
  rejecting: Array<string>;
  claim: string | null;
  flags: Array<string>;
  opened: boolean;
  check: "match" | "close_match" | "no_match" | "not_possible" | null;
  stopped: string | null;
}

/** What advocates' rewards of a side come to that stand in a state, of the friend's last 1,000 orders. */
export interface Stake {
  unit: string;
  status: string;
  count: number;
  amount: number;
}

/** A customer answered the one question of a survey by a number */
export interface SurveyAnswered {
  type: "survey.answered";
  id?: string;
  occurred_at?: string | null;
  program?: string | null;
  metadata?: Record<string, any> | null;
  customer_external_id: string;
  survey: string;
  score: number;
  lowest?: number | null;
  highest?: number | null;
  comment?: string | null;
}

/** What was found, for one program and subject; `steps` */
export interface Verdict {
  about: string;
  outcome: string;
  refusal: string | null;
  program: string | null;
  subject: string | null;
  side: string | null;
  beneficiary: string | null;
  amount: number | null;
  unit: string | null;
  flags: Array<string>;
  redecides: string | null;
  steps: Array<Array<any>>;
}

/** A rule version and since when it is in force. */
export interface Version {
  rules: string;
  since: string;
}
