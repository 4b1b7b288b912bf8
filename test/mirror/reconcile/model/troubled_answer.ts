import type { Trouble } from "./plan.ts";

/** Rows that an answer has left out, and not one of the next ones: one that lacks a living row twice can't be told from a deletion. */
export type LeftOut = Map<number, number>;

/** So many answers later, a row may be left out again. */
const PAUSE = 6;

/** Changes what the API answers. */
export async function troubledAnswer(response: Response, trouble: Trouble, leftOut: LeftOut): Promise<Response> {
  for (const [id, answers] of leftOut) {
    if (answers > 1) leftOut.set(id, answers - 1);
    else leftOut.delete(id);
  }
  const { headers, status } = response;
  if (status !== 200 || !["halfJson", "leftOut", "wrongCount"].includes(trouble.trouble)) return response;
  const text = await response.text();
  if (trouble.trouble === "halfJson") return new Response(text.slice(0, text.length / 2), { headers });
  const body = JSON.parse(text);
  if (trouble.trouble === "wrongCount" && typeof body.totalRowCount === "number" && body.totalRowCount > 1) {
    body.totalRowCount += trouble.by;
  }
  if (trouble.trouble === "leftOut" && body.rows?.length) {
    const [row] = body.rows.splice(trouble.row % body.rows.length, 1);
    if (leftOut.has(row.id)) return new Response(text, { headers });
    leftOut.set(row.id, PAUSE);
    if (trouble.isCounted && typeof body.totalRowCount === "number") body.totalRowCount--;
  }
  return new Response(JSON.stringify(body), { headers });
}

/** An answer without what an API may lack. */
export async function sparseAnswer(
  response: Response,
  { hasDate, hasModifiedAt }: { readonly hasDate: boolean; readonly hasModifiedAt: boolean },
): Promise<Response> {
  if ((hasDate && hasModifiedAt) || response.status !== 200) return response;
  const headers = new Headers(response.headers);
  if (!hasDate) headers.delete("date");
  const text = await response.text();
  const json = hasModifiedAt ? text : JSON.stringify(JSON.parse(text), (name, value) => {
    return name === "modifiedAt" && value !== undefined ? undefined : value;
  });
  return new Response(json, { headers });
}
