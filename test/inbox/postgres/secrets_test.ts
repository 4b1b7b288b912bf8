import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "node:util";
import pg from "pg";
import { type PostgresSecrets, postgresSecrets } from "../../../src/inbox/postgres/secrets.ts";
import { openPostgres } from "../../support/postgres.ts";

const KEY = "an example of a key that no machine ever had";

let server: Awaited<ReturnType<typeof openPostgres>>;
before(async () => {
  server = await openPostgres();
});
after(() => server.end());

let schemas = 0;

/** As many machines on one inbox. */
async function withMachines(
  count: number,
  use: (machines: PostgresSecrets[], url: string, schema: string) => Promise<void>,
): Promise<void> {
  const schema = `secrets${++schemas}`;
  const url = `${server.url}?schema=${schema}`;
  const machines = Array.from({ length: count }, () => postgresSecrets(url, KEY));
  try {
    await use(machines, url, schema);
  } finally {
    await Promise.all(machines.map((machine) => machine.close()));
  }
}

async function query(text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(server.url);
  await client.connect();
  return await client.query(text).then(({ rows }) => rows).finally(() => client.end());
}

test("what one machine writes another reads, and the database never sees it", async () => {
  await withMachines(2, async ([here, there], _url, schema) => {
    assert.equal(await there!.read(), undefined);
    await here!.write((text) => `${text ?? "none"}, then geheim`);
    assert.equal(await there!.read(), "none, then geheim");
    await there!.write((text) => `${text}, then é🔑`);
    assert.equal(await here!.read(), "none, then geheim, then é🔑");
    assert.equal(await here!.read(), "none, then geheim, then é🔑");
    const [row] = await query(`select * from ${schema}.secrets`);
    assert.doesNotMatch(atob(row!.sealed as string), /geheim/);
    await query(`delete from ${schema}.secrets`);
    assert.equal(await here!.read(), undefined);
  });
});

test("machines that write at the same time lose nothing of each other", async () => {
  await withMachines(4, async (machines) => {
    await Promise.all(
      machines.flatMap((machine, number) =>
        Array.from(
          { length: 10 },
          (_, index) => machine.write((text) => JSON.stringify([...JSON.parse(text ?? "[]"), `${number}/${index}`])),
        )
      ),
    );
    const written: string[] = JSON.parse((await machines[0]!.read())!);
    assert.equal(written.length, 40);
    assert.equal(new Set(written).size, 40);
  });
});

test("a change that throws leaves what was stored as it was", async () => {
  await withMachines(1, async ([machine]) => {
    await machine!.write(() => "first");
    await assert.rejects(
      machine!.write(() => {
        throw new Error("is not JSON");
      }),
      { name: "Error", message: "is not JSON" },
    );
    assert.equal(await machine!.read(), "first");
  });
});

test("another key, and what was changed in the database, are refused and overwrite nothing", async () => {
  await withMachines(1, async ([machine], url, schema) => {
    await machine!.write(() => "first");
    const other = postgresSecrets(url, KEY.replace("key", "kex"));
    const refused = { code: "option_invalid", message: /^key isn't the one that/ };
    await assert.rejects(other.read(), refused);
    await assert.rejects(other.write(() => "second"), refused);
    await other.close();
    assert.equal(await machine!.read(), "first");
    await query(`update ${schema}.secrets set version = 'another', sealed = overlay(sealed placing 'AAAA' from 21)`);
    await assert.rejects(machine!.read(), refused);
  });
});

test("a key that is too short is refused, and not shown", () => {
  assert.throws(
    () => postgresSecrets(server.url, " geheim-4712 "),
    (error: Error) =>
      /has 11 characters, but should have at least 32/.test(error.message) && !/4712/.test(inspect(error)),
  );
});

test("secrets can't be read while Postgres is away", async () => {
  const secrets = postgresSecrets("postgres://u@127.0.0.1:1/d", KEY);
  await assert.rejects(secrets.read(), { code: "inbox_away" });
  await secrets.close();
});
