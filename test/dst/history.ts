/** What happened in a run, in order. The oracle reads nothing else, but for what is left at the end. */
export type Happening =
  | AnsweredCallback
  | { readonly what: "sent"; readonly nonce: string; readonly content: string }
  | ({ readonly what: "begins" | "ends" | "aborts" } & CallOfHandler)
  | ({ readonly what: "fails"; readonly by: FailedBy } & CallOfHandler)
  | {
    readonly what: "step runs" | "step recorded";
    readonly key: string;
    readonly name: string;
    readonly result: string;
  }
  | { readonly what: "told"; readonly key: string; readonly change: ToldChange }
  | { readonly what: "told of a gap"; readonly key: string; readonly gap: ToldGap }
  | {
    readonly what: "own write";
    readonly via: "api" | "fetch";
    readonly method: string;
    readonly path: string;
    readonly changeAgent: string | null;
  }
  | {
    readonly what: "forwarded";
    readonly process: string;
    readonly target: string;
    readonly id: string;
    readonly status: number;
    readonly sheet: number;
  }
  | {
    readonly what: "forwards";
    readonly process: string;
    readonly target: string;
    readonly id: string;
    readonly sheet: number;
    readonly changeAgent: string | null;
  }
  | {
    readonly what: "starts" | "killed" | "stands still" | "goes on" | "stopped";
    readonly process: string;
    readonly where?: string;
  }
  | {
    readonly what: "operator";
    readonly act: "replay" | "skip" | "discard";
    readonly callback: number;
    readonly from: string;
    readonly key: string;
  }
  | { readonly what: "row deleted"; readonly sheet: number; readonly row: number; readonly by: "person" | "us" }
  | { readonly what: "clock set"; readonly aheadMs: number }
  | { readonly what: "fault" | "edit" | "broken"; readonly text: string };

/** A callback that we answered. */
export interface AnsweredCallback {
  readonly what: "answered";
  readonly status: number;
  readonly isForged: boolean;
  readonly webhookId: number;
  readonly nonce: string;
  readonly timestamp: string;
  readonly sheet: number;
  /** Its events, or its status, as JSON. */
  readonly content: string;
}

/** A call of one of our handlers. */
export interface CallOfHandler {
  readonly process: string;
  readonly sheet: number;
  /** `webhookId/nonce/…` */
  readonly key: string;
  readonly handler: string;
  readonly attempt: number;
  /** Of the event that it is about. */
  readonly changeAgent?: string;
}

/** What a handler threw. */
export type FailedBy = "error" | "retry later" | "skip" | "discard" | "signal" | "api";

/** A change as a handler saw it. */
export interface ToldChange {
  readonly kind: string;
  readonly source: string;
  readonly sheet: number;
  readonly row: number;
  /** The change agents of the events that told of it. */
  readonly agents: readonly string[];
  /** Values by title. */
  readonly cells: Readonly<Record<string, unknown>>;
  readonly columns: readonly { readonly title: string; readonly from: unknown; readonly to: unknown }[];
}

/** A gap as a handler saw it. */
export interface ToldGap {
  readonly sheet: number;
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
}

/** At some time, in milliseconds since the run began. */
export type Stamped = Happening & { readonly at: number };

export interface History {
  add(happening: Happening): void;
  readonly all: readonly Stamped[];
}

export function createHistory(now: () => number): History {
  const all: Stamped[] = [];
  return { all, add: (happening) => void all.push({ ...happening, at: Math.round(now() * 1000) / 1000 }) };
}

/** One line for each happening, for people. */
export function historyText(all: readonly Stamped[]): string {
  return all.map((happening) => {
    const { at, what, ...rest } = happening;
    return `${(at / 1000).toFixed(3).padStart(11)} s  ${what}: ${sentence(happening) ?? listed(rest)}`;
  }).join("\n");
}

function sentence(happening: Happening): string | undefined {
  switch (happening.what) {
    case "fault":
    case "edit":
    case "broken":
      return happening.text;
    case "begins":
    case "ends":
    case "aborts":
    case "fails":
      return `${happening.process}, handler ${happening.handler} of ${happening.key}, attempt ${happening.attempt}` +
        (happening.what === "fails" ? `: ${happening.by}` : "");
    case "starts":
    case "killed":
    case "stands still":
    case "goes on":
    case "stopped":
      return `${happening.process}${happening.where ? `, ${happening.where}` : ""}`;
    default:
      return undefined;
  }
}

function listed(rest: object): string {
  return Object.entries(rest).map(([name, value]) =>
    `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`
  )
    .join(", ");
}
