import type { MutatedFile } from "../mutant.ts";

const DERIVE = [
  "mirror/derive/row_events",
  "mirror/derive/read_rows",
  "mirror/derive/first_read",
  "mirror/derive/next_state",
  "mirror/derive/read_ahead",
  "mirror/derive/waiting",
  "mirror/derive/derive_changes",
  "mirror/derive/compare",
  "mirror/change",
  "mirror/hosts",
  "mirror/on_change",
  "mirror/faults",
  "mirror/reconcile",
  "mirror/reconcile/model",
  "dst/dst",
];
const RECONCILE = [
  "mirror/reconcile/find_different",
  "mirror/reconcile/sweep",
  "mirror/reconcile/read_different",
  "mirror/reconcile/part_writer",
  "mirror/reconcile/reconcile_source",
  "mirror/reconcile",
  "mirror/reconcile/model",
  "mirror/first_read",
  "dst/dst",
];
const VALUES = ["mirror/cell_value", "mirror/write_cell", "mirror/derive/compare", "mirror/change_filter"];

/** src/mirror */
export const mirror: readonly MutatedFile[] = [
  {
    file: "src/mirror/derive/compare.ts",
    tests: DERIVE,
    mutants: [
      { from: " && !without?.has(id)", to: "", what: "columns that only we changed are told" },
      {
        from: 'kind === "updated" && changed.every(isStamp)',
        to: "changed.every(isStamp)",
        what: "an empty row that is created or deleted is no change",
      },
      {
        from: 'if (kind === "updated" && changed.every(isStamp)) return undefined;',
        to: "",
        what: "a row in which nothing differs is a change",
      },
      { from: "changed.every(isStamp)", to: "!changed.length", what: "who wrote a row last is a change by itself" },
      {
        from: "if (a?.predecessors && b?.predecessors) return",
        to: "if (false) return",
        what: "predecessors are compared as text",
      },
      {
        from: '...(kind !== "created" && { from: undefined }),',
        to: "",
        what: "a value before that isn't known is an empty cell",
      },
    ],
  },
  {
    file: "src/mirror/derive/derive_changes.ts",
    tests: DERIVE,
    mutants: [
      {
        from: " || !isSeen ? undefined",
        to: " ? undefined",
        what: "a state that holds what the events tell is told as before",
      },
      {
        from: "ownColumnIds }).length) return false;",
        to: "ownColumnIds }).length);",
        what: "who did it has our name",
      },
      { from: " && !isNew)", to: ")", what: "a row that came and went before the first read is told" },
      {
        from: 'before || (!isSettled && kind === "deleted" && !isNew)',
        to: "before",
        what: "a row that was deleted before the first read isn't told",
      },
    ],
  },
  {
    file: "src/mirror/derive/row_events.ts",
    tests: DERIVE,
    mutants: [
      {
        from: "(own ? row.ownColumnIds : row.columnIds).add",
        to: "(own ? row.columnIds : row.ownColumnIds).add",
        what: "ours are theirs",
      },
      { from: "row.userId = userId ?? row.userId;", to: "row.userId = userId;", what: "who changed it is forgotten" },
      { from: "    if (own) return;\n", to: "", what: "own events are told" },
      {
        from: 'row[own ? "ownKind" : "kind"] = eventType',
        to: "row.kind = eventType",
        what: "a row that we created was created by others",
      },
    ],
  },
  {
    file: "src/mirror/derive/read_rows.ts",
    tests: DERIVE,
    mutants: [
      { from: ".filter(({ id }) => rowIds.includes(id))", to: "", what: "rows that weren't asked for are taken" },
      {
        from: "if (tries > 0 && !isAwaited) break;",
        to: "if (!isAwaited) break;",
        what: "one answer that lacks a row deletes it",
      },
      { from: "if (isAwaited) await delay(CREATED_WAIT_MS, signal);", to: "", what: "a created row isn't waited for" },
      { from: "CREATED_TRIES = 3", to: "CREATED_TRIES = 1", what: "a created row is waited for once" },
    ],
  },
  {
    file: "src/mirror/derive/first_read.ts",
    tests: DERIVE,
    mutants: [
      {
        from: "const isTorn = seen.size > 1;",
        to: "const isTorn = false;",
        what: "a sheet that changed between two pages is whole",
      },
      { from: "if (known?.isWhole) return undefined;", to: "", what: "a mirror that another has made is emptied" },
      { from: "if (!deleted.length) break;", to: "break;", what: "rows of a first read that was killed stay" },
      { from: "version: isTorn ? undefined : version,", to: "version,", what: "a torn read counts as compared" },
      { from: "since: answeredAt ?? modifiedAt,", to: "since: modifiedAt,", what: "the server's time isn't kept" },
    ],
  },
  {
    file: "src/mirror/derive/next_state.ts",
    tests: DERIVE,
    mutants: [
      {
        from: "row: after && withWritten(after, unechoed(before, own))",
        to: "row: after && withWritten(after, [])",
        what: "a change of others makes our own columns theirs",
      },
      {
        from: 'return own.kind === "deleted" ? { row: undefined, isAll: true }',
        to: "return true ? { row: undefined, isAll: true }",
        what: "a row of ours that others deleted is gone untold",
      },
      {
        from: 'if (!before && own.kind !== "created") return { row: undefined, isAll: false };',
        to: "",
        what: "a row that only others could have made is known",
      },
      {
        from: "if (!before && !own.columnIds.size) return { row: after, isAll: true };",
        to: "",
        what: "a row that we made without cells is made by others",
      },
      {
        from: "columns.filter((column) => isEdited(column, base, after))",
        to: "columns",
        what: "the result of a formula is a change by others",
      },
      {
        from: "if (!byOthers) return { row: withWritten(after, written), isAll: true };",
        to: "return { row: withWritten(after, written), isAll: true };",
        what: "what others changed beside us slips into the mirror untold",
      },
      {
        from: "withWritten(withCells(base, after, [...ours]), written)",
        to: "withWritten(withCells(base, after, [...ours]), [])",
        what: "what we wrote isn't marked any more behind the first echo",
      },
      {
        from: "before?.written?.includes(id) && !isSameFormula(id, before, after)",
        to: "false",
        what: "an echo swallows what others wrote in the same cell",
      },
      {
        from: "before?.written?.includes(id) && !isSameFormula(id, before, after)",
        to: "before?.written?.includes(id)",
        what: "the result of our formula is a change by others",
      },
      {
        from: "new Set([...known.written ?? [], ...columnIds.filter(isNew)])",
        to: "new Set(columnIds.filter(isNew))",
        what: "a second write of ours forgets the first",
      },
      {
        from: "...columnIds.filter(isNew)]",
        to: "...columnIds]",
        what: "a write that changes nothing waits for an echo",
      },
      { from: "!systemColumnType && !isSameFormula", to: "!isSameFormula", what: "Modified is a change by others" },
      {
        from: 'kind === "created" ? [] : (before?.written ?? []).filter((id) => !columnIds.has(id))',
        to: "before?.written ?? []",
        what: "an echo leaves its columns marked",
      },
    ],
  },
  {
    file: "src/mirror/derive/read_ahead.ts",
    tests: DERIVE,
    mutants: [
      {
        from: "found.readFor < callback || ",
        to: "",
        what: "a row that was read before the callback came is its row",
      },
      {
        from: " || found.known !== known?.json",
        to: "",
        what: "a row that was read before another write is its row",
      },
      {
        from: "known || found.readAt >= mirroredAt ? found",
        to: "true ? found",
        what: "a row that came and went since it was read ahead comes again",
      },
      {
        from: "readFor < callback) rows.delete(id);",
        to: "readFor >= 0) rows.delete(id);",
        what: "what was read for those that wait is read again",
      },
      {
        from: "if (lanes.size > MOST_LANES) lanes.delete(other);",
        to: "",
        what: "rows of every lane are held",
      },
      {
        from: "if (!rows.size) onEmpty();",
        to: "",
        what: "a lane without rows is held",
      },
    ],
  },
  {
    file: "src/mirror/derive/change_source.ts",
    tests: DERIVE,
    mutants: [
      {
        from: "(known.get(id)?.readFor ?? 0) >= work.id",
        to: "false",
        what: "a row is read again though it was read later",
      },
      {
        from: "Math.max(work.id, ...waiting.map(({ id }) => id))",
        to: "work.id",
        what: "rows are read along for nobody",
      },
      { from: "if (!mirrored?.isWhole)", to: "if (!mirrored)", what: "a first read that was killed counts" },
      {
        from: "if (await mirror.changesOf(work.id, 0)) return;",
        to: "",
        what: "changes that were stored are derived again",
      },
      {
        from: "if (!part?.isComplete) return undefined;",
        to: "if (!part) return undefined;",
        what: "a part of the changes counts as all",
      },
    ],
  },
  {
    file: "src/mirror/reconcile/find_different.ts",
    tests: RECONCILE,
    mutants: [
      {
        from: " ||\n    !isSameValue(known.cells.get(primary)?.value ?? null, cells.get(primary)?.value ?? null)",
        to: "",
        what: "a row that was emptied isn't seen",
      },
      {
        from: "if (!left.has(id)) missing.push(id);",
        to: "missing.push(id);",
        what: "a row whose deletion is yet to be told is deleted",
      },
      {
        from: "modifiedAt !== known.modifiedAt || ",
        to: "",
        what: "a row that changed before the last comparison isn't seen",
      },
      { from: " || Date.parse(modifiedAt) >= from", to: "", what: "a row that changed in the same second isn't seen" },
      { from: "isOver = page.length < PAGE;", to: "isOver = true;", what: "only the first 500 rows are compared" },
      {
        from: "if (toRead.delete(id) || !rows.has(id)) hasLeft = true;",
        to: "toRead.delete(id);",
        what: "what is left to callbacks counts as compared",
      },
      { from: "        isDated = false;\n", to: "", what: "a sweep without times counts as dated" },
      { from: "if (row) moved.push(row);", to: "", what: "rows that moved stay" },
      { from: "MARGIN_MS = 5000", to: "MARGIN_MS = -60000", what: "no margin for clocks" },
    ],
  },
  {
    file: "src/mirror/reconcile/part_writer.ts",
    tests: RECONCILE,
    mutants: [
      { from: "change !== undefined && told.has(change.rowId)", to: "false", what: "a row has two changes" },
      {
        from: "if (next === undefined) throw new MirrorMoved();",
        to: "",
        what: "a write of others meanwhile isn't noticed",
      },
      {
        from: "readFor: Math.max(work.id, old?.readFor ?? 0)",
        to: "readFor: old?.readFor ?? 0",
        what: "what a row was read for isn't kept",
      },
      { from: "    number++;\n", to: "", what: "a part takes the place of the one before" },
      { from: "  note(stored.flat());\n", to: "", what: "what a killed attempt has told is told again" },
      { from: "let number = stored.length;", to: "let number = 0;", what: "a killed attempt's parts are overwritten" },
      {
        from: "if (old?.json === json) continue;",
        to: "",
        what: "rows that are as they were are written",
        survives: "only speed: no change is told of them",
      },
    ],
  },
  {
    file: "src/mirror/reconcile/read_different.ts",
    tests: RECONCILE,
    mutants: [
      {
        from: "if (sweep.isTorn) isComplete = false;\n    else await writer",
        to: "await writer",
        what: "a torn sweep deletes",
      },
      {
        from: "void (isComplete &&= !absent.length)",
        to: "void absent",
        what: "a row that has gone since counts as compared",
      },
      { from: ".filter(({ id }) => wanted.delete(id))", to: "", what: "each row that was asked for is missing" },
      {
        from:
          "async (absent) => {\n    if (sweep.isTorn) isComplete = false;\n    else await writer.delete(absent, sheet);",
        to:
          "async () => {\n    if (sweep.isTorn) isComplete = false;\n    else await writer.delete(different.missing, sheet);",
        what: "a row that one answer lacks is deleted",
      },
    ],
  },
  {
    file: "src/mirror/reconcile/reconcile_source.ts",
    tests: RECONCILE,
    mutants: [
      { from: "return before?.version === version && ", to: "return ", what: "only the number of rows decides" },
      {
        from: "before?.version === version && before.rowCount === rowCount && ",
        to: "before?.version === version && ",
        what: "the number of rows before doesn't decide",
      },
      { from: " && rowCount === known.rowCount;", to: ";", what: "the mirror's number of rows doesn't decide" },
      { from: "!sweep.isTorn || tries === TRIES", to: "true", what: "a torn sweep isn't repeated" },
      {
        from: "isComplete && !sweep.isTorn && !different.hasLeft && !writer.hasLeft",
        to: "true",
        what: "whatever happened, it is complete",
      },
      { from: " && !writer.hasLeft;", to: ";", what: "a row that has a change already counts as compared" },
      {
        from: "version: isRight ? read.version : undefined",
        to: "version: read.version",
        what: "an incomplete comparison counts",
      },
      {
        from: "since: isRight ? read.answeredAt ?? modifiedAt ?? before?.since : before?.since",
        to: "since: read.answeredAt ?? modifiedAt ?? before?.since",
        what: "an incomplete comparison moves the time on",
      },
      {
        from: "if ((await mirror.changesOf(work.id, 0))?.isComplete) return;",
        to: "",
        what: "what was stored is compared again",
      },
      {
        from: "if (!(error instanceof MirrorMoved)) throw error;",
        to: "",
        what: "whatever fails is tried again at once",
      },
      {
        from: "if (!known?.isWhole) return await readFirst",
        to: "if (!known) return await readFirst",
        what: "a first read that was killed counts",
      },
      {
        from: "const left = await rowsOfWaiting();",
        to: "const left = new Set<number>();",
        what: "what waiting callbacks tell is told by the comparison",
      },
    ],
  },
  {
    file: "src/mirror/reconcile/sweep.ts",
    tests: RECONCILE,
    mutants: [
      {
        from: " || (rowCount !== undefined && rowCount !== rows.size)",
        to: "",
        what: "a sweep with too few rows is whole",
      },
      { from: "seen.size > 1 || ", to: "", what: "a version that moves between pages isn't torn" },
      {
        from: "Math.min(version, page.version ?? 0)",
        to: "page.version ?? 0",
        what: "columns that changed behind the probe count as compared",
      },
    ],
  },
  {
    file: "src/mirror/filter/change_filter.ts",
    tests: ["mirror/change_filter", "mirror/on_change"],
    mutants: [
      { from: "from !== undefined && isFrom(from)", to: "isFrom(from!)", what: "a value before that isn't known fits" },
      {
        from: 'asksForColumns ? KINDS.filter((kind) => kind !== "deleted") : KINDS',
        to: "KINDS",
        what: "a deleted row fits a column",
      },
      { from: "(!ids || ids.includes(columnId)) && ", to: "", what: "another column fits" },
      { from: " && (!isTo || isTo(to))", to: "", what: "another value fits" },
      { from: "if (!asksFor(sheet.id)) return false;", to: "", what: "another sheet fits" },
      { from: "      if (!wanted.includes(kind)) return false;\n", to: "", what: "another kind fits" },
      { from: "JSON.stringify(item)).sort()", to: "JSON.stringify(item))", what: "an order makes another filter" },
    ],
  },
  {
    file: "src/mirror/filter/expected_value.ts",
    tests: ["mirror/change_filter", "mirror/on_change"],
    mutants: [
      {
        from: "expected.toLowerCase() === value.email.toLowerCase()",
        to: "expected === value.email",
        what: "upper case in an e-mail address",
      },
      { from: "if (isThenable(result)) {", to: "if (false) {", what: "a promise is true" },
      {
        from: 'if (expected === "") throw',
        to: "if (false) throw",
        what: "an empty text never fits, and isn't refused",
      },
    ],
  },
  {
    file: "src/mirror/values/value.ts",
    tests: VALUES,
    mutants: [
      { from: "if (index >= 0) rest.splice(index, 1);", to: "", what: "one item is the partner of two" },
      { from: "if (a.length !== b.length) return false;", to: "", what: "a longer list is the same" },
      { from: "a.name === undefined || b.name === undefined || ", to: "", what: "a contact without a name is another" },
      { from: " || a.name === b.name;", to: ";", what: "another name is another contact only where one has none" },
      {
        from: "a.email.toLowerCase() !== b.email.toLowerCase()",
        to: "a.email !== b.email",
        what: "upper case is another contact",
      },
    ],
  },
  {
    file: "src/mirror/values/typed_content.ts",
    tests: VALUES,
    mutants: [
      { from: "MAX_LENGTH = 4_000", to: "MAX_LENGTH = 4_001", what: "4,001 characters" },
      { from: "Math.abs(value) <= MAX_NUMBER", to: "value <= MAX_NUMBER", what: "a large negative number" },
      { from: " && new Date(time).toISOString().startsWith(value)", to: "", what: "the 30th of February" },
      {
        from: "(column.options ?? [value]).includes(value) ? { value } : { value, strict: false }",
        to: "true ? { value } : { value, strict: false }",
        what: "what is none of the choices is written strictly",
      },
      {
        from: "!validation || !options || options.includes",
        to: "!options || options.includes",
        what: "a list that isn't restricted refuses",
      },
      { from: "T([01]\\d|2[0-3])", to: "T([01]\\d|2[0-4])", what: "24 o'clock" },
    ],
  },
  {
    file: "src/mirror/values/cell_value.ts",
    tests: VALUES,
    mutants: [
      { from: "return value || null;", to: "return value;", what: "an empty text is no empty cell" },
      { from: "filled.length ? filled : null", to: "filled", what: "an empty list is no empty cell" },
      { from: 'name !== "" && name !== email', to: 'name !== ""', what: "an address is a name" },
      {
        from: 'if (isObject(objectValue) && objectValue.objectType === "CONTACT") return [objectValue];',
        to: "",
        what: "a single contact in a list",
      },
    ],
  },
  {
    file: "src/mirror/values/duration.ts",
    tests: VALUES,
    mutants: [
      { from: "if (unit in duration) return undefined;", to: "", what: "a unit twice" },
      { from: 'if (sign === "-") duration.negative = true;', to: "", what: "a negative one is positive" },
      { from: 'duration.negative ? "-" : ""', to: '""', what: "a negative one reads as positive" },
    ],
  },
];
