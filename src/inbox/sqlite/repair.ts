import type { DatabaseSync } from "node:sqlite";

/** No lease is longer than that. */
const LONGEST_LEASE_MS = 60_000;
/** How long one that is longer holds its lane yet: another process may have it, and renews it in time. */
const LEFT_MS = 20_000;

/**
 * Repairs impossible states when a file is opened: after the clock was set back while no process used it, or after it was
 * recovered from a corrupt file. Writes nothing if all is well.
 */
export function repair(database: DatabaseSync, time: number): void {
  const get = <Row>(text: string, ...values: number[]) => database.prepare(text).get(...values) as Row;
  const run = (text: string, ...values: number[]) => database.prepare(text).run(...values);

  const { last } = get<{ last: number }>(
    "select max(coalesce(max(id), 0), coalesce(max(place), 0)) as last from callbacks",
  );
  const counters = get<{ count: number; place: number }>(
    "select count(*) as count, coalesce(max(value) filter (where name = 'place'), 0) as place from counters",
  );
  if (counters.count < 5 || counters.place < last) {
    run(`
      insert into counters values ('place', 0), ('done', 0), ('dead', 0), ('set_back', 0), ('revision', 0)
      on conflict do nothing`);
    run("update counters set value = max(value, ?) where name = 'place'", last);
    run(`
      update counters set value = max(value, (select coalesce(max(revision), 0) from mirror_sheets))
      where name = 'revision'`);
  }

  if (get(PENDING_WRONGLY)) {
    database.exec("update lanes set pending = 0 where pending <> 0");
    run(COUNT_PENDING, time);
  }

  if (get(LEASED_TOO_LONG, time + LONGEST_LEASE_MS)) run(CUT_LEASES, time + LEFT_MS, time + LONGEST_LEASE_MS);
  if (get(DUE_TOO_LATE, time, time)) run(MAKE_DUE, time, time, time);
}

const PENDING_WRONGLY = `
  select 1 from (select lane, count(*) as found from callbacks where state = 'pending' group by lane)
  full join lanes using (lane) where coalesce(found, 0) <> coalesce(pending, 0) limit 1`;
const COUNT_PENDING = `
  insert into lanes (lane, pending, due_at)
  select lane, count(*), ? from callbacks where state = 'pending' group by lane
  on conflict do update set pending = excluded.pending, due_at = min(due_at, excluded.due_at)`;
const LEASED_TOO_LONG = "select 1 from lanes where pending > 0 and lease is not null and lease_until > ? limit 1";
const CUT_LEASES = `
  update lanes set lease_until = ?1, due_at = due_at - lease_until + ?1
  where pending > 0 and lease is not null and lease_until > ?2`;
const DUE_TOO_LATE = "select 1 from lanes where pending > 0 and lease is null and due_at > ? and retry_at <= ? limit 1";
const MAKE_DUE = "update lanes set due_at = ? where pending > 0 and lease is null and due_at > ? and retry_at <= ?";
