import { html as render } from "hono/html";

/** Markup that is safe to send: all its values are escaped. */
export interface Markup {
  readonly isEscaped: true;
  toString(): string;
}

/** A value in a template. */
export type Part = Markup | string | number | false | undefined | readonly Part[];

/** Renders a template and escapes its values, except those that are markup already. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return render(strings, ...parts) as unknown as Markup;
}

/** `1 callback`, `2 callbacks` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}
