import { html as render } from "hono/html";

/** Markup that is safe to send: what was put into it is escaped. */
export interface Markup {
  readonly isEscaped: true;
  toString(): string;
}

/** What may stand in a template. */
export type Part = Markup | string | number | false | undefined | readonly Part[];

/** Markup from a template; whatever is put into it is escaped, unless it is markup itself. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return render(strings, ...parts) as unknown as Markup;
}

/** `count` and the word that goes with it. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

/** As a sentence begins. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
