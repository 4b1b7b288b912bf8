import { parseJson } from "../../json.ts";
import { unexpectedAnswer } from "../api_error.ts";
import { requirePageSize } from "../list_pages.ts";
import { createIsLast, sendRead } from "./read_sheet.ts";
import type { ReadBody, SendRequest } from "../request.ts";
import type { OnRows, ScannedSheet } from "../sheet.ts";
import type { ScanQuery } from "../sheet_query.ts";
import { createRowSplitter } from "./split_rows.ts";

/** So much is parsed at a time: what lives shortly is cleared away soon. */
const MOST_ROWS = 20;
const MOST_CHARACTERS = 1_000_000;

/** Reads a whole sheet, and gives its rows while they come in. @returns the sheet as it was last, and when it was answered first */
export async function scanSheet(
  send: SendRequest,
  sheetId: number,
  { pageSize: asked = 2_000, signal, ...query }: ScanQuery,
  onRows: OnRows,
): Promise<ScannedSheet> {
  const pageSize = requirePageSize(asked);
  const stop = new AbortController();
  const stopped = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const isLast = createIsLast(pageSize);
  let answeredAt: string | undefined;
  for (let page = 1;; page++) {
    let firstId: number | undefined;
    let count = 0;
    // An answer that breaks off is asked for again: counted anew.
    const read: ReadBody = (body, aborted) => {
      count = 0;
      return readBody(body, aborted, async (rows, sheet) => {
        if (!count) firstId = rows[0]?.id;
        count += rows.length;
        try {
          await onRows(rows, sheet);
        } catch (error) {
          // Nothing that another request would mend.
          stop.abort(error);
          throw error;
        }
      });
    };
    const sheet = await sendRead(send, sheetId, { ...query, page, pageSize, signal: stopped }, read);
    const { totalRowCount, columns, rows } = sheet;
    answeredAt ??= sheet.answeredAt;
    if (!Array.isArray(columns) || (!Array.isArray(rows) && totalRowCount !== 0)) {
      throw unexpectedAnswer(`The answer to GET /sheets/${sheetId} has no columns or no rows, but should be a sheet`);
    }
    if (isLast(page, totalRowCount, count, firstId)) return { ...sheet, answeredAt } as ScannedSheet;
  }
}

/** @returns the text of the answer without its rows */
async function readBody(body: ReadableStream<Uint8Array>, aborted: AbortSignal, onRows: OnRows): Promise<string> {
  let waiting: string[] = [];
  let characters = 0;
  let sheet: ScannedSheet | undefined;
  const splitter = createRowSplitter((json) => {
    waiting.push(json);
    characters += json.length;
  });

  async function give(known: ScannedSheet): Promise<void> {
    while (waiting.length) {
      const rows = waiting.slice(0, MOST_ROWS).map((json) => JSON.parse(json));
      waiting = waiting.slice(MOST_ROWS);
      await onRows(rows, known);
      aborted.throwIfAborted();
    }
    characters = 0;
  }

  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (let isOver = false; !isOver;) {
    const { done, value } = await reader.read();
    aborted.throwIfAborted();
    splitter.push(decoder.decode(value, { stream: !done }));
    if (waiting.length >= MOST_ROWS || characters >= MOST_CHARACTERS) {
      sheet ??= asSheet(splitter.head());
      // Rows mean nothing without their columns: if these come behind, all wait.
      if (sheet) await give(sheet);
    }
    isOver = done;
  }
  const text = splitter.end();
  const known = sheet ?? asSheet(text);
  if (known) await give(known);
  return text;
}

/** Undefined if something is missing. */
function asSheet(text: string): ScannedSheet | undefined {
  const sheet = parseJson(text) as Partial<ScannedSheet> | null | undefined;
  return Array.isArray(sheet?.columns) && typeof sheet.version === "number" ? sheet as ScannedSheet : undefined;
}
