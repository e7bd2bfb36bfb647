// The two benchmarks: one server at a time, and several nodes on one Redis.

import { measure } from "./measure.mjs";
import * as nodes from "./nodes.mjs";
import { scenarios } from "./scenarios.mjs";
import { servers } from "./servers.mjs";
import { targets } from "./targets.mjs";

/** `file` is what its results are called. */
export const suites = {
  single: { file: "results", servers, scenarios, targets, measure },
  nodes: { file: "nodes", ...nodes },
};
