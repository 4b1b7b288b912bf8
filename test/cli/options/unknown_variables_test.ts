import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { unknownVariables } from "../../../src/cli/options/unknown_variables.ts";
import { createProgram } from "../../../src/cli/program.ts";
import { runtime } from "../../support/runtime.ts";
import { runCli, startServe, withFolder } from "../../support/run_cli.ts";

const unknown = (environment: Record<string, string>) => unknownVariables(createProgram(), environment);
const meant = (name: string, near: string) => `${name} isn't a variable of sheethook: did you mean ${near}?`;

test("unknownVariables() says which variable a misspelt one may be", () => {
  assert.deepEqual(unknown({ SHEETHOOK_ATEMPTS: "3" }), [meant("SHEETHOOK_ATEMPTS", "SHEETHOOK_ATTEMPTS")]);
  assert.deepEqual(unknown({ SHEETHOOK_SECRETS: "x" }), [meant("SHEETHOOK_SECRETS", "SHEETHOOK_SECRET")]);
  assert.deepEqual(unknown({ SHEETHOOK_PORT: "8080" }), [meant("SHEETHOOK_PORT", "PORT")]);
});

test("unknownVariables() says nothing of known ones, those of others, and those of Kubernetes", () => {
  assert.deepEqual(unknown({ SHEETHOOK_ATTEMPTS: "3", SHEETHOOK_SECRET: "x", SHEETHOOK_DEBUG: "1" }), []);
  assert.deepEqual(
    unknown({
      PATH: "/bin",
      ATEMPTS: "3",
      SHEETHOOK_WAREHOUSE: "x",
      SHEETHOOK_INBOX_CALL: "1",
      SMARTSHEET_EU_TOKEN: "x",
    }),
    [],
  );
  const kubernetes = { SHEETHOOK_PORT: "tcp://10.0.0.7:8000", SHEETHOOK_PORT_8000_TCP_PORT: "8000" };
  assert.deepEqual(unknown({ ...kubernetes, SHEETHOOK_SERVICE_HOST: "10.0.0.7" }), []);
});

test("serve warns of a misspelt variable, and goes on; other commands say nothing", async () => {
  await withFolder(async (folder) => {
    const env = { SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json"), SHEETHOOK_ATEMPTS: "3" };
    const serve = await startServe(["--inbox", "memory:"], { env, reads: [folder] });
    assert.equal(await serve.stop(), 0);
    // Deno lists the environment only with a permission for all of it.
    assert.equal(serve.output.includes(meant("SHEETHOOK_ATEMPTS", "SHEETHOOK_ATTEMPTS")), runtime !== "deno");
  });
  const env = { SHEETHOOK_SECRET: "3qo29mvjou6xt5fujukjtwzhj0", SHEETHOOK_ATEMPTS: "3" };
  const { code, stderr } = await runCli(["sign"], { env, input: "{}" });
  assert.deepEqual([code, stderr], [0, ""]);
});
