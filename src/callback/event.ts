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
  /** The user who did it. Present in every event seen so far, but not documented as required. */
  readonly userId?: number;
  /** The time, to the second: too coarse to order events. */
  readonly timestamp: string;
  /** The change agents of a write through the API, separated by commas; absent if a person made the change. */
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

/** One item of `events`. It names what changed, but not the new value: Smartsheet's events carry no values. */
export type WebhookEvent<ObjectType extends string = string, EventType extends string = string> =
  & EventAttributes<ObjectType, EventType>
  & ObjectIds<ObjectType>;

/** An event of any type. */
export type AnyEvent = WebhookEvent;

/** Half of a pattern: `*` stands for any text. */
export type Half<Text extends string> = Text extends "*" ? string : Text;

/** The event that a pattern matches: `EventOf<"cell.*">` has `rowId` and `columnId`. */
export type EventOf<P extends string> = P extends `${infer ObjectType}.${infer EventType}`
  ? WebhookEvent<Half<ObjectType>, Half<EventType>>
  : never;
