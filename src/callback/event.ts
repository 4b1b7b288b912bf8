import type { KnownEventType, KnownObjectType } from "../smartsheet/event_types.ts";

/** `objectType.eventType`, or `*` for either half. Known ones are offered by editors, unknown ones are legal. */
export type Pattern =
  | `${KnownObjectType | "*"}.${KnownEventType | "*"}`
  | (`${string}.${string}` & Record<never, never>);

/** The attributes of every event. */
export interface EventAttributes<ObjectType extends string, EventType extends string> {
  /** `row`, `cell`, ... */
  readonly objectType: ObjectType;
  /** `created`, `updated`, `deleted`, ... */
  readonly eventType: EventType;
  /** Who did it: in everything seen, but not promised. */
  readonly userId?: number;
  /** When, to the second: it can't order events. */
  readonly timestamp: string;
  /** Who wrote it through the API, comma-delimited; absent when a person did. */
  readonly changeAgent?: string;
  /** Attributes that Smartsheet may add pass through. */
  readonly [attribute: string]: unknown;
}

/** What names the object: cells have a row and a column but no id; nothing but cells names its row. */
export type ObjectIds<ObjectType extends string> = string extends ObjectType
  ? { readonly id?: number; readonly rowId?: number; readonly columnId?: number }
  : ObjectType extends "cell" ? { readonly rowId: number; readonly columnId: number }
  : ObjectType extends KnownObjectType ? { readonly id: number }
  : { readonly id?: number };

/** One item of `events`. It tells what changed, never to what: Smartsheet's events carry no values. */
export type WebhookEvent<ObjectType extends string = string, EventType extends string = string> =
  & EventAttributes<ObjectType, EventType>
  & ObjectIds<ObjectType>;

/** An event of which nothing more is known. */
export type AnyEvent = WebhookEvent;

/** Half of a pattern: `*` stands for any text. */
export type Half<Text extends string> = Text extends "*" ? string : Text;

/** The event that a pattern matches: `EventOf<"cell.*">` has `rowId` and `columnId`. */
export type EventOf<P extends string> = P extends `${infer ObjectType}.${infer EventType}`
  ? WebhookEvent<Half<ObjectType>, Half<EventType>>
  : never;
