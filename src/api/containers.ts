import { unexpectedAnswer } from "./api_error.ts";
import { requireId } from "./ids.ts";
import type { CallOptions, SendRequest } from "./request.ts";

/** A workspace. */
export interface Workspace {
  /** The workspace's id. */
  readonly id: number;
  /** Its name. */
  readonly name: string;
  /** What the token's owner may do in it. */
  readonly accessLevel?: string;
  /** Its address in the browser. */
  readonly permalink?: string;
}

/** What is in a workspace or a folder. */
export interface Child {
  /** The id of the sheet, the folder, ... */
  readonly id: number;
  /** Its name. */
  readonly name: string;
  /** `sheet`, `folder`, `report`, `sight` or `template`. */
  readonly resourceType: string;
  /** What the token's owner may do with it. */
  readonly accessLevel?: string;
  /** Its address in the browser. */
  readonly permalink?: string;
}

/** Options of `children()`. */
export interface ChildrenQuery extends CallOptions {
  /** What to list; `templates` needs `sheets`, too. @default everything */
  readonly types?: readonly ("sheets" | "folders" | "reports" | "sights" | "templates")[] | undefined;
}

/** https://developers.smartsheet.com/api/smartsheet/openapi/workspaces */
export interface WorkspaceCalls {
  /** Every workspace that the token's owner may see, page by page. */
  list(options?: CallOptions): AsyncGenerator<Workspace, void, undefined>;
  /** What is in a workspace, but not what is in its folders; page by page. */
  children(workspaceId: number, query?: ChildrenQuery): AsyncGenerator<Child, void, undefined>;
}

/** https://developers.smartsheet.com/api/smartsheet/openapi/folders */
export interface FolderCalls {
  /** What is in a folder, but not what is in its folders; page by page. */
  children(folderId: number, query?: ChildrenQuery): AsyncGenerator<Child, void, undefined>;
}

/** The most that Smartsheet takes. */
const MAX_ITEMS = 1000;

export function createWorkspaceCalls(send: SendRequest): WorkspaceCalls {
  return {
    list: (options) => listByKey<Workspace>(send, "workspaces", { paginationType: "token" }, options),
    children: (id, query) => listChildren(send, `workspaces/${requireId("workspaceId", id)}/children`, query),
  };
}

export function createFolderCalls(send: SendRequest): FolderCalls {
  return { children: (id, query) => listChildren(send, `folders/${requireId("folderId", id)}/children`, query) };
}

function listChildren(send: SendRequest, path: string, { types, ...options }: ChildrenQuery = {}) {
  return listByKey<Child>(send, path, { childrenResourceTypes: types?.join() }, options);
}

/** Reads all pages of a list that is paged by `lastKey`. */
async function* listByKey<Item>(
  send: SendRequest,
  path: string,
  search: Readonly<Record<string, string | undefined>>,
  options: CallOptions | undefined,
): AsyncGenerator<Item, void, undefined> {
  let key: string | undefined;
  const seen = new Set<string>();
  do {
    const page = { ...search, maxItems: MAX_ITEMS, ...(key !== undefined && { lastKey: key }) };
    const { data, lastKey } = await send({ method: "GET", path, search: page, options });
    if (!Array.isArray(data)) throw unexpectedAnswer(`The answer to GET /${path} has no data, but should be a list`);
    yield* data as Item[];
    key = typeof lastKey === "string" && lastKey ? lastKey : undefined;
    if (key !== undefined && seen.has(key)) throw unexpectedAnswer(`GET /${path} repeats its lastKey, and never ends`);
    if (key !== undefined) seen.add(key);
  } while (key !== undefined);
}
