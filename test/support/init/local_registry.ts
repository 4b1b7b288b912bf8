// A registry on loopback that has the packed sheethook, and sends whoever asks for anything else to the usual one: what is
// installed from it is installed as from there.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { root, runCommand } from "../../tasks/run_command.ts";

export interface LocalRegistry {
  /** For npm, Deno and Bun. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** @param tarball a file made by `npm pack` */
export async function startLocalRegistry(tarball: string): Promise<LocalRegistry> {
  const upstream = (await runCommand(["npm", "config", "get", "registry"])).stdout.trim();
  const bytes = await readFile(tarball);
  const manifest = JSON.parse(await readFile(`${root}/package.json`, "utf8"));
  const { name, version } = manifest;
  const server = createServer(({ url = "/" }, answer) => {
    const { port } = server.address() as AddressInfo;
    const path = `/${name}/-/${name}-${version}.tgz`;
    if (url === path) return void answer.end(bytes);
    if (url !== `/${name}`) return void answer.writeHead(307, { location: new URL(url.slice(1), upstream).href }).end();
    const dist = {
      tarball: `http://127.0.0.1:${port}${path}`,
      shasum: createHash("sha1").update(bytes).digest("hex"),
      integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`,
    };
    const { devDependencies: _, scripts: __, overrides: ___, ...published } = manifest;
    answer.setHeader("content-type", "application/json").end(JSON.stringify({
      name,
      "dist-tags": { latest: version },
      versions: { [version]: { ...published, dist } },
    }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    env: { NPM_CONFIG_REGISTRY: url, npm_config_registry: url, BUN_CONFIG_REGISTRY: url },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
