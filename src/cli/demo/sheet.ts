import type { Stage } from "./stage.ts";

/** A sheet, with the ids of its columns by title. */
export interface DemoSheet {
  readonly id: number;
  readonly columns: Readonly<Record<string, number>>;
}

interface Row {
  readonly cells: readonly { readonly columnId: number; readonly value?: unknown }[];
}

export async function createSheet({ call }: Stage, name: string, titles: readonly string[]): Promise<DemoSheet> {
  const columns = titles.map((title, index) => ({ title, type: "TEXT_NUMBER", primary: index === 0 }));
  const { result } = await call<{ result: { id: number; columns: { id: number; title: string }[] } }>(
    "POST",
    "/sheets",
    { name, columns },
  );
  return { id: result.id, columns: Object.fromEntries(result.columns.map(({ title, id }) => [title, id])) };
}

/** The value of a cell. */
export async function readCell({ call }: Stage, sheet: DemoSheet, rowId: number, title: string): Promise<unknown> {
  const { cells } = await call<Row>("GET", `/sheets/${sheet.id}/rows/${rowId}`);
  return cells.find(({ columnId }) => columnId === sheet.columns[title])?.value;
}
