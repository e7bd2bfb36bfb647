// The core alone, natively and in WebAssembly, in alternation; the fastest of all rounds.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { micro } from "./servers.mjs";
import { inColumns } from "./table.mjs";

const run = promisify(execFile);

export async function measureMicro({ rounds, loadCore }, say) {
  const programs = { native: [micro.native] };
  if (existsSync(micro.wasm)) programs.wasm = ["node", micro.wasm];
  const fastest = {};
  for (let round = 1; round <= rounds; ++round) {
    for (const [where, command] of Object.entries(programs)) {
      say(`round ${round}/${rounds}: the core alone, ${where}`);
      const { stdout } = await run("taskset", ["-c", loadCore, ...command], { timeout: 600_000 });
      for (const [name, ns] of Object.entries(JSON.parse(stdout))) {
        fastest[name] ??= {};
        fastest[name][where] = Math.min(ns, fastest[name][where] ?? Infinity);
      }
    }
  }
  return fastest;
}

export function microTable(fastest) {
  const lines = Object.entries(fastest).map(([name, { native, wasm }]) => [
    name,
    `${native.toFixed(0)} ns`,
    wasm === undefined ? "–" : `${wasm.toFixed(0)} ns`,
    wasm === undefined ? "–" : `${(wasm / native).toFixed(2)}×`,
  ]);
  const grid = [["The core alone", "native", "wasm", "ratio"], ...lines];
  const widths = grid[0].map((_, i) => Math.max(...grid.map((line) => line[i].length)));
  return grid
    .map((line) => inColumns(line, widths))
    .join("\n");
}
