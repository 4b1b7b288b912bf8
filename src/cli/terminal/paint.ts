import process from "node:process";
import { styleText } from "node:util";

/** A style of text on a terminal. */
export type Style = "red" | "yellow" | "green" | "cyan" | "dim" | "bold";

/** Returns the text in a style, or unchanged if styles are off. */
export type Paint = (style: Style | undefined, text: string) => string;

/** Styles for a stream: on a terminal unless NO_COLOR is set; anywhere if FORCE_COLOR is. */
export function createPaint(stream: { readonly isTTY?: boolean }): Paint {
  if (!wantsColours(stream)) return (_, text) => text;
  return (style, text) => style && text ? styleText(style, text, { validateStream: false }) : text;
}

function wantsColours({ isTTY = false }: { readonly isTTY?: boolean }): boolean {
  try {
    const { FORCE_COLOR, NO_COLOR } = process.env;
    if (FORCE_COLOR) return !/^(0|false)$/.test(FORCE_COLOR);
    return isTTY && !NO_COLOR;
  } catch {
    // Deno without the permission to read them.
    return false;
  }
}

/** How text is laid out. */
export interface Layout {
  /** How many characters a line has; undefined: nothing is cut or wrapped. */
  readonly width?: number | undefined;
  readonly paint: Paint;
}

/** How stdout shows text: it has a width if it is a terminal. */
export function stdoutLayout(): Layout {
  const { isTTY, columns } = process.stdout;
  return { width: isTTY ? columns || undefined : undefined, paint: createPaint(process.stdout) };
}
