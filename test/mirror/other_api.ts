// A second stand-in for the API, written apart from the simulator: it answers in each shape that the API's documentation leaves open.

/** What differs from the plainest answer. */
export interface Shape {
  /** Ids in `rowIds` that aren't there make it refuse all: 404 and 1006. */
  readonly refusesMissing?: boolean;
  /** Empty cells come, too: without a value, or with null or "". */
  readonly emptyCells?: "absent" | null | "";
  readonly hasRowsFirst?: boolean;
  readonly leavesOut?:
    readonly ("totalRowCount" | "index" | "writers" | "displayValue" | "rowNumber" | "name" | "emptyRows")[];
  readonly hasExtras?: boolean;
  /** What a write answers of its rows. */
  readonly result?: "bare" | "single";
}

type Cells = Record<string, unknown>;

export const SHEET_ID = 4583173393803140;
const COLUMNS = [["Item", "TEXT_NUMBER"], ["Stock", "TEXT_NUMBER"], ["Owner", "CONTACT_LIST"], [
  "Done",
  "CHECKBOX",
]] as const;
const ids = new Map(COLUMNS.map(([title], index) => [title as string, 7960873114331012 + index]));

export function createOtherApi(shape: Shape) {
  const leavesOut = new Set(shape.leavesOut);
  const rows = new Map<number, Cells>();
  let version = 1;
  let lastId = 1000;

  function columnViews() {
    return COLUMNS.map(([title, type], index) => ({
      id: ids.get(title),
      ...(!leavesOut.has("index") && { index }),
      title,
      type,
      ...(index === 0 && { primary: true }),
      ...(shape.hasExtras &&
        { version: 0, width: 150, format: ",,1,,,,,,,,,,,,,,", contactOptions: [], validation: false }),
    }));
  }

  function cellView(title: string, value: unknown): Record<string, unknown>[] {
    const columnId = ids.get(title)!;
    const extras = shape.hasExtras && { conditionalFormat: ",,,", image: undefined, linksOutToCells: [] };
    if (value === undefined || value === null) {
      if (shape.emptyCells === undefined) return [];
      return [{ columnId, ...(shape.emptyCells !== "absent" && { value: shape.emptyCells }), ...extras }];
    }
    return [{ columnId, value, ...(!leavesOut.has("displayValue") && { displayValue: String(value) }), ...extras }];
  }

  function rowView(id: number) {
    const cells = rows.get(id)!;
    return {
      id,
      ...(!leavesOut.has("rowNumber") && { rowNumber: [...rows.keys()].indexOf(id) + 1 }),
      ...(shape.hasExtras && { sheetId: SHEET_ID, siblingId: 1, expanded: true, locked: false, discussions: [] }),
      ...(!leavesOut.has("writers") && { modifiedBy: { email: "ann@example.com", name: "Ann" } }),
      cells: COLUMNS.flatMap(([title]) => cellView(title, cells[title])),
    };
  }

  function sheetView(found: readonly number[]) {
    const views = found.map(rowView);
    return {
      id: SHEET_ID,
      ...(!leavesOut.has("name") && { name: "Stock" }),
      ...(shape.hasRowsFirst && { rows: views }),
      version,
      ...(!leavesOut.has("totalRowCount") && { totalRowCount: rows.size }),
      ...(shape.hasExtras &&
        { permalink: "https://example.com", dependenciesEnabled: false, cellImageUploadEnabled: true }),
      columns: columnViews(),
      ...(!shape.hasRowsFirst && !(leavesOut.has("emptyRows") && !rows.size) && { rows: views }),
    };
  }

  const notFound = () => Response.json({ errorCode: 1006, message: "Not Found", refId: "a1" }, { status: 404 });
  const list = (text: string | null) => text?.split(",").map(Number);

  function write(given: Cells & { readonly id?: number; readonly cells: readonly Record<string, unknown>[] }): number {
    const id = given.id ?? ++lastId;
    const cells = rows.get(id) ?? {};
    for (const { columnId, value } of given.cells) {
      cells[[...ids].find(([, id]) => id === columnId)![0]] = value;
    }
    rows.set(id, cells);
    version++;
    return id;
  }

  async function fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (!pathname.startsWith(`/2.0/sheets/${SHEET_ID}`)) return notFound();
    const wanted = list(searchParams.get("rowIds"));
    if (request.method === "DELETE") {
      const gone = list(searchParams.get("ids"))!.filter((id) => rows.delete(id));
      return Response.json({ message: "SUCCESS", resultCode: 0, result: gone });
    }
    if (request.method !== "GET") {
      const changed = (await request.json()).map(write) as number[];
      const views = changed.map((id) => shape.result === "bare" ? { id } : rowView(id));
      return Response.json({ message: "SUCCESS", resultCode: 0, result: shape.result === "single" ? views[0] : views });
    }
    if (pathname.endsWith("/columns")) return Response.json({ data: columnViews(), totalPages: 1 });
    if (wanted) {
      if (shape.refusesMissing && !wanted.every((id) => rows.has(id))) return notFound();
      return Response.json(sheetView(wanted.filter((id) => rows.has(id))));
    }
    const size = Number(searchParams.get("pageSize") ?? 100);
    const last = Math.max(Math.ceil(rows.size / size), 1);
    const page = Math.min(Number(searchParams.get("page") ?? 1), last);
    return Response.json(sheetView([...rows.keys()].slice((page - 1) * size, page * size)));
  }

  return {
    fetch,
    rows,
    /** As a person does; without an id, a new row. @returns the events */
    edit(cells: Cells, id?: number): { readonly id: number; readonly events: readonly Record<string, unknown>[] } {
      const eventType = id === undefined ? "created" : "updated";
      const rowId = write({
        id,
        cells: Object.entries(cells).map(([title, value]) => ({ columnId: ids.get(title), value })),
      });
      const event = { eventType, userId: 5, timestamp: "2026-11-22T07:40:32.000+00:00" };
      const told = Object.keys(cells).map((title) => ({
        ...event,
        objectType: "cell",
        rowId,
        columnId: ids.get(title),
      }));
      return { id: rowId, events: [{ ...event, objectType: "row", id: rowId }, ...told] };
    },
    delete(id: number) {
      rows.delete(id);
      return [{ objectType: "row", eventType: "deleted", id, userId: 5, timestamp: "2026-11-22T07:40:32.000+00:00" }];
    },
  };
}
