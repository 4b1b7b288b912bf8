/** The hosts in this folder, and the runtime of each. */
export const HOSTS = {
  hono: "node",
  node_http: "node",
  express: "node",
  fastify: "node",
  deno_serve: "deno",
  bun_serve: "bun",
} as const;
