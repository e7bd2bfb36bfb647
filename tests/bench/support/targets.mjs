// Downbeat's targets, as limits on ratios between measurements of one run.

import { valueOf } from "./results.mjs";
import { servers } from "./servers.mjs";

const peers = servers.filter(({ kind }) => kind === "peer").map(({ name }) => name);

const toPeer = (scenario, key, limit) => ({ scenario, key, limit, against: "the best peer", servers: peers });
const toRelay = (scenario, key, limit, mode) => ({
  scenario,
  key,
  limit,
  against: `the relay (${mode})`,
  servers: [`relay-${mode}`],
});

const KiB = 1024;

export const targets = [
  toRelay("rooms-of-10", "cpu_us", 1.3, "batch"),
  toPeer("rooms-of-10", "cpu_us", 1 / 5),
  toRelay("rooms-of-4", "cpu_us", 1.4, "batch"),
  toPeer("rooms-of-4", "cpu_us", 1 / 3),
  toPeer("bands", "cpu_us", 0.6),
  toRelay("bands", "cpu_us", 1.2, "each"),
  { ...toRelay("bands", "p50_us", 20, "each"), isDifference: true },
  toPeer("bands", "p99_us", 0.5),
  toPeer("connect", "cpu_us", 0.25),
  toPeer("cycle", "cpu_us", 0.6),
  toPeer("life", "cpu_us", 0.5),
  { scenario: "idle", key: "connection_bytes", limit: 3 * KiB },
  { scenario: "idle", key: "room_bytes", limit: KiB },
  { scenario: "idle", key: "start_bytes", limit: 12 * KiB * KiB },
];

/** One line for each that could be judged. `from` is where the others' value is, if it is not the same measurement. */
export function judge(results, limits) {
  return limits.flatMap((target) => {
    const { scenario, key, limit, against, servers: others = [], isDifference = false, from = target } = target;
    const ours = valueOf(results, "downbeat", scenario, key);
    const theirs = others
      .map((name) => valueOf(results, name, from.scenario, from.key))
      .filter((value) => value !== undefined);
    if (ours === undefined || (against !== undefined && theirs.length === 0)) return [];
    const best = Math.min(...theirs);
    const value = against === undefined ? ours : isDifference ? ours - best : ours / best;
    const { unit = isDifference ? "µs" : "bytes" } = target;
    const said =
      against === undefined ? unit : isDifference ? `${unit} more than ${against}` : `times ${against}`;
    return [
      {
        isMet: value <= limit,
        text: `${scenario} ${key}: ${value.toPrecision(3)} ${said}, at most ${Number(limit.toPrecision(3))}`,
      },
    ];
  });
}
