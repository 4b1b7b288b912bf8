/** Takes a sheet's rows out of its JSON while that comes in, so that memory never holds all of it. */
export interface RowSplitter {
  /** Gives what comes next. */
  push(text: string): void;
  /** What came in front of the first row, as an object of JSON. */
  head(): string;
  /** All that came, but for the rows. */
  end(): string;
}

const [QUOTE, BACKSLASH, OPEN_LIST, OPEN, CLOSE_LIST, CLOSE] = [34, 92, 91, 123, 93, 125];

/** @param onRow called with the JSON of each item of the outermost object's `rows` */
export function createRowSplitter(onRow: (json: string) => void): RowSplitter {
  let rest = "";
  let row = "";
  let depth = 0;
  let isText = false;
  let isEscaped = false;
  let isRows = false;

  function push(text: string): void {
    /** Where that begins which isn't yet taken. */
    let from = 0;
    const takeUntil = (end: number) => {
      const taken = text.slice(from, end);
      from = end;
      if (!isRows) rest += taken;
      else if (depth > 2) row += taken;
    };
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (isText) {
        if (isEscaped) isEscaped = false;
        else if (code === BACKSLASH) isEscaped = true;
        else if (code === QUOTE) isText = false;
      } else if (code === QUOTE) {
        isText = true;
      } else if (code === OPEN || code === OPEN_LIST) {
        if (isRows && depth === 2) takeUntil(index);
        depth++;
        if (depth === 2 && code === OPEN_LIST) {
          takeUntil(index + 1);
          isRows = /"rows"\s*:\s*\[$/.test(rest.slice(-100));
        }
      } else if (code === CLOSE || code === CLOSE_LIST) {
        if (isRows && depth === 3) {
          takeUntil(index + 1);
          onRow(row);
          row = "";
        }
        depth--;
        if (isRows && depth === 1) {
          takeUntil(index);
          isRows = false;
        }
      }
    }
    takeUntil(text.length);
  }

  return { push, head: () => `${rest}]}`, end: () => rest };
}
