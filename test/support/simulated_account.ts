import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Api, createApi } from "../../src/api/api.ts";
import { startServer } from "../../src/cli/server_adapter.ts";
import { createSimulator, type Simulator, type SimulatorOptions } from "../../src/simulator/simulator.ts";
import { createLog } from "./callbacks.ts";
import { type CliOptions, type CliResult, runCli, withFolder } from "./run_cli.ts";

/** What no output may ever show. */
export const TOKEN = "hiddentoken0123456789";

/** An account at a simulator, and a folder with a secrets file for it. */
export interface SimulatedAccount {
  readonly simulator: Simulator;
  readonly api: Api;
  readonly sheetId: number;
  /** The secrets file, which isn't there yet. */
  readonly file: string;
  /** For `runCli` and `startServe`. */
  readonly options: CliOptions;
  /** Secrets that the simulator has told, none of which may be shown. */
  readonly told: Set<string>;
  /** Runs `sheethook` and looks that its output shows no secret. */
  run(...args: string[]): Promise<CliResult>;
  createSheet(): Promise<number>;
  setStatus(webhookId: number, status: string): Promise<void>;
}

interface AccountOptions extends SimulatorOptions {
  /** Whether secrets are told only when they are made: nobody outside of Smartsheet knows. @default true */
  readonly hidesSecrets?: boolean;
  /** Added to the environment of commands. */
  readonly env?: Readonly<Record<string, string>>;
  /** What becomes of an answer on its way. `call` is like `GET /2.0/webhooks`. */
  readonly afterCall?: (call: string, answer: Response) => Response;
}

/** Runs `use` with an account that is gone afterwards. */
export async function withAccount(
  use: (account: SimulatedAccount) => Promise<void>,
  { hidesSecrets = true, env, afterCall = (_call, answer) => answer, ...options }: AccountOptions = {},
): Promise<void> {
  const simulator = createSimulator({ seed: 1, debounceMs: 1, speed: 100, ...options });
  const told = new Set<string>();
  const server = await startServer({
    async fetch(request) {
      const response = await simulator.fetch(request);
      const text = await response.text();
      const isList = request.method === "GET" || request.method === "PUT";
      for (const [, secret] of text.matchAll(/"sharedSecret":"(\w+)"/g)) told.add(secret!);
      const shown = hidesSecrets && isList ? text.replace(/"sharedSecret":"\w+",?/g, "") : text;
      const { status } = response;
      const answer = new Response(shown, { status, headers: { "content-type": "application/json" } });
      return afterCall(`${request.method} ${new URL(request.url).pathname}`, answer);
    },
    port: 0,
    hostname: "127.0.0.1",
    path: "*",
    logger: createLog(),
  });
  const apiUrl = `${server.url}/2.0`;
  try {
    await withFolder(async (folder) => {
      const file = join(folder, "secrets.json");
      const cli: CliOptions = {
        env: { SHEETHOOK_SECRETS_FILE: file, SMARTSHEET_ACCESS_TOKEN: TOKEN, SMARTSHEET_API_URL: apiUrl, ...env },
        reads: [folder],
        writes: [folder],
      };
      const post = async (path: string, body: unknown) => {
        const headers = { authorization: "Bearer any" };
        const url = `http://localhost${path}`;
        const request = new Request(url, { method: "POST", headers, body: JSON.stringify(body) });
        const response = await simulator.fetch(request);
        assert.equal(response.status, 200);
        return await response.json();
      };
      const createSheet = async () => {
        const type = "TEXT_NUMBER";
        const columns = [{ title: "Item", type, primary: true }, { title: "State", type }];
        return (await post("/2.0/sheets", { name: "Orders", columns })).result.id as number;
      };
      await use({
        simulator,
        api: createApi({ token: TOKEN, apiUrl, logger: createLog() }),
        sheetId: await createSheet(),
        file,
        options: cli,
        told,
        createSheet,
        async run(...args) {
          const result = await runCli(args, cli);
          const shown = result.stdout + result.stderr;
          for (const secret of [TOKEN, ...told]) assert.ok(!shown.includes(secret), `${args.join(" ")}: ${shown}`);
          return result;
        },
        async setStatus(webhookId, status) {
          await post(`/_simulator/webhooks/${webhookId}/status`, { status, disabledDetails: "Because of a test" });
        },
      });
    });
  } finally {
    simulator.stop();
    await server.stop();
  }
}

/** Writes a fleet file beside the secrets file. @returns its path */
export async function writeFleet(
  { file }: Pick<SimulatedAccount, "file">,
  entries: readonly Record<string, unknown>[],
  callbackUrl: string,
  more: Record<string, unknown> = {},
): Promise<string> {
  const path = join(dirname(file), "fleet.json");
  await writeFile(path, JSON.stringify({ name: "orders", defaults: { callbackUrl }, entries, ...more }, null, 2));
  return path;
}
