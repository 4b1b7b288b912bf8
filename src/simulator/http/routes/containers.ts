import type { Hono } from "hono";
import type { Account } from "../../account/account.ts";
import type { Container } from "../../account/containers.ts";
import type { Sheet } from "../../account/sheet.ts";
import { columnView } from "../../account/sheet_view.ts";
import { accessOf } from "../../account/sheets.ts";
import { permalink } from "../../account/values/hyperlink.ts";
import { invalidAttribute, invalidParameter } from "../../api_error.ts";
import { apiTimestamp } from "../../timestamp.ts";
import { type ApiContext, type ApiEnv, idOf, objectOf, sheetOf, success } from "../request.ts";

const TYPES = ["sheets", "reports", "sights", "folders", "templates"];
const MAX_ITEMS = 1000;

/** `/workspaces`, `/folders`, and what is in them. `GET /workspaces/{id}` and `GET /folders/{id}` are gone since June 2026. */
export function addContainerRoutes(api: Hono<ApiEnv>, account: Account): void {
  const { containers, sheets } = account;

  api.get("/workspaces", (context) => context.json(tokenPage(context, containers.workspaces().map(workspaceView))));

  api.post("/workspaces", async (context) => {
    const workspace = containers.create("workspace", (await objectOf(context)).name);
    return context.json(success({ result: workspaceView(workspace) }));
  });

  for (const kind of ["workspace", "folder"] as const) {
    const path = `/${kind}s/:containerId`;
    const containerOf = (context: ApiContext) => containers.get(kind, idOf(context, "containerId"));

    api.get(`${path}/metadata`, (context) => {
      const { createdAt, ...container } = containerOf(context);
      const times = { createdAt: apiTimestamp(createdAt), modifiedAt: apiTimestamp(createdAt) };
      return context.json({ ...referenceView(container), ...times, ...(kind === "workspace" && OWNER) });
    });

    api.get(`${path}/children`, (context) => {
      const { id } = containerOf(context);
      const types = typesOf(context);
      const userId = context.get("user").id;
      const shown = sheets.list().filter((sheet) => sheet.parentId === id && accessOf(sheet, userId) !== "NONE");
      return context.json(tokenPage(context, [
        ...(types.includes("sheets") ? shown.map((sheet) => childView("sheet", sheet, accessOf(sheet, userId))) : []),
        ...(types.includes("folders")
          ? containers.foldersIn(id).map((each) => childView("folder", each, "OWNER"))
          : []),
      ]));
    });

    api.post(`${path}/folders`, async (context) => {
      const folder = containers.create("folder", (await objectOf(context)).name, containerOf(context).id);
      return context.json(success({ result: referenceView(folder) }));
    });

    api.post(`${path}/sheets`, async (context) => {
      const { id: parentId } = containerOf(context);
      const sheet = sheets.create(await objectOf(context), parentId);
      const columns = sheet.columns.map((column, index) => columnView(column, index));
      return context.json(success({ result: { ...referenceView(sheet), accessLevel: "OWNER", columns } }));
    });
  }

  api.post("/sheets/:sheetId/move", async (context) => {
    const sheet = sheetOf(context, account);
    const { destinationType, destinationId } = await objectOf(context);
    if (destinationType !== "workspace" && destinationType !== "folder") {
      throw invalidAttribute("destinationType", destinationType);
    }
    sheet.parentId = containers.get(destinationType, Number(destinationId)).id;
    return context.json(success({ result: referenceView(sheet) }));
  });
}

const OWNER = { accessLevel: "OWNER" };

function referenceView({ id, name }: Pick<Container, "id" | "name">): Record<string, unknown> {
  return { id, name, permalink: permalink(id) };
}

function workspaceView(workspace: Container): Record<string, unknown> {
  return { ...referenceView(workspace), ...OWNER };
}

function childView(resourceType: string, child: Container | Sheet, accessLevel: string): Record<string, unknown> {
  const modifiedAt = "modifiedAt" in child ? child.modifiedAt : child.createdAt;
  return {
    ...referenceView(child),
    resourceType,
    accessLevel,
    createdAt: apiTimestamp(child.createdAt),
    modifiedAt: apiTimestamp(modifiedAt),
  };
}

/** @throws {ApiError} 1018 */
function typesOf(context: ApiContext): readonly string[] {
  const text = context.req.query("childrenResourceTypes");
  if (!text) return TYPES;
  const types = text.split(",").map((type) => type.trim());
  if (types.some((type) => !TYPES.includes(type))) throw invalidParameter("childrenResourceTypes", text);
  return types;
}

/** A page of a list that is paged by `lastKey`, without totals. @throws {ApiError} 1018 */
function tokenPage(context: ApiContext, all: readonly unknown[]): Record<string, unknown> {
  const { maxItems = "100", lastKey } = context.req.query();
  const size = Number(maxItems);
  if (!(Number.isInteger(size / 100) && size >= 100 && size <= MAX_ITEMS)) throw invalidParameter("maxItems", maxItems);
  const [, from] = /^k(\d{1,9})$/.exec(lastKey ?? "k0") ?? [];
  if (from === undefined) throw invalidParameter("lastKey", lastKey);
  const end = Number(from) + size;
  return { data: all.slice(Number(from), end), ...(end < all.length && { lastKey: `k${end}` }) };
}
