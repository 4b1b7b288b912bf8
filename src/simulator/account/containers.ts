import { missing, notFound } from "../api_error.ts";
import type { SimulatorSettings } from "../options.ts";

/** A workspace, or a folder in one. */
export interface Container {
  readonly id: number;
  readonly kind: "workspace" | "folder";
  readonly name: string;
  /** The workspace or folder that a folder is in. */
  readonly parentId: number | undefined;
  readonly createdAt: number;
}

/** The workspaces and folders of the account, in which every user may do everything. */
export interface Containers {
  /** @throws {ApiError} 1012 for a blank name, 1006 for an unknown parent */
  create(kind: Container["kind"], name: unknown, parentId?: number): Container;
  /** @throws {ApiError} 1006 */
  get(kind: Container["kind"], id: number): Container;
  workspaces(): Container[];
  foldersIn(parentId: number): Container[];
}

export function createContainers({ random, now }: SimulatorSettings): Containers {
  const containers = new Map<number, Container>();
  return {
    create(kind, name, parentId) {
      if (typeof name !== "string" || !name.trim()) throw missing(`${kind}.name`);
      if (kind === "folder" && !containers.has(parentId!)) throw notFound();
      const container = { id: random.id(), kind, name, parentId, createdAt: now() };
      containers.set(container.id, container);
      return container;
    },
    get(kind, id) {
      const container = containers.get(id);
      if (container?.kind !== kind) throw notFound();
      return container;
    },
    workspaces: () => [...containers.values()].filter(({ kind }) => kind === "workspace"),
    foldersIn: (id) => [...containers.values()].filter(({ parentId }) => parentId === id),
  };
}
