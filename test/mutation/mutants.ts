import type { MutatedFile } from "./mutant.ts";
import { dispatch } from "./mutants/dispatch.ts";
import { inbound } from "./mutants/inbound.ts";
import { inbox } from "./mutants/inbox.ts";
import { mirror } from "./mutants/mirror.ts";
import { outbound } from "./mutants/outbound.ts";
import { receive } from "./mutants/receive.ts";
import { worker } from "./mutants/worker.ts";

/** All mutants, by room. */
export const mutatedFiles: readonly MutatedFile[] = [
  ...receive,
  ...inbound,
  ...outbound,
  ...dispatch,
  ...inbox,
  ...mirror,
  ...worker,
];
