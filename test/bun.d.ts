// For `deno check`: Bun's types give the URLSearchParams of node:url a toJSON that Deno's own doesn't have, and no URL
// would then be one for node:fs.
/// <reference types="bun" />
interface URLSearchParams {
  toJSON(): Record<string, string>;
}
