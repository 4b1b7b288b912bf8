import { createApi } from "../../src/api/api.ts";

/** A program for workerd: calls the API, twice at once, and tells what came back. */
export default {
  async fetch(_request: Request, { API_URL }: { API_URL: string }) {
    const api = createApi({ token: "token", apiUrl: API_URL, requestsPerMinute: 1000 });
    const versions = await Promise.all([api.sheets.version(1), api.sheets.version(2)]);
    return Response.json({ versions });
  },
};
