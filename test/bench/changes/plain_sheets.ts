/** Sheets of 25 columns, whose answers cost as good as nothing. */
export interface PlainSheets {
  readonly sheetIds: readonly number[];
  /** The same in each sheet. */
  readonly rowIds: readonly number[];
  /** What `edit` changes. */
  readonly changedColumnId: number;
  /** Changes a cell of each row. */
  edit(): void;
  answer(url: URL): Response;
}

const COLUMNS = 25;

export function createPlainSheets(sheetCount: number, rowCount: number): PlainSheets {
  const firstId = 1_000_000_000_000_000;
  const ids = (count: number) => Array.from({ length: count }, (_, index) => firstId + index);
  const columnIds = ids(COLUMNS);
  const columns = columnIds.map((id, index) => {
    return { id, index, title: `Column ${index + 1}`, type: "TEXT_NUMBER", primary: index === 0 };
  });
  const fixed = columnIds.slice(1).map((columnId) => {
    const value = `value of ${columnId}`;
    return { columnId, columnType: "TEXT_NUMBER", value, displayValue: value, objectValue: value };
  });
  const rest = JSON.stringify(fixed).slice(1);
  let edits = 0;

  function rowText(id: number, index: number): string {
    const columnId = columnIds[0]!;
    return `{"id":${id},"rowNumber":${index + 1},"cells":[{"columnId":${columnId},"value":${edits}},${rest}}`;
  }

  const rowIds = ids(rowCount);
  return {
    sheetIds: ids(sheetCount),
    rowIds,
    changedColumnId: columnIds[0]!,
    edit: () => void edits++,
    answer({ searchParams }) {
      const wanted = searchParams.get("rowIds")?.split(",").map(Number);
      const rows = (wanted ?? rowIds).map((id) => rowText(id, id - firstId)).join();
      const head = { name: "Orders", version: edits, totalRowCount: rowCount, columns };
      const text = `${JSON.stringify(head).slice(0, -1)},"rows":[${rows}]}`;
      return new Response(text, { headers: { "content-type": "application/json" } });
    },
  };
}
