/** What a callback's page shows only when it is asked for. */
export interface Shown {
  readonly payload: boolean;
  /** The values of its changes. */
  readonly values: boolean;
}

/** Reads a query such as `?payload=show&values=show`. */
export function parseShown(params: URLSearchParams): Shown {
  return { payload: params.get("payload") === "show", values: params.get("values") === "show" };
}

/** The link to a callback's page that shows this, and scrolls there. */
export function shownPath(callback: number, { payload, values }: Shown, id: string): string {
  const query = [payload && "payload=show", values && "values=show"].filter(Boolean).join("&");
  return `/console/callbacks/${callback}${query && `?${query}`}#${id}`;
}
