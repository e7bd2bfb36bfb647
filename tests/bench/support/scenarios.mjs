// The measurements: arguments for the load generator, and the results that become rows of the
// table.

const cpu = "CPU of the server";

export const scenarios = [
  {
    name: "rooms-of-4",
    load: ({ seconds, window }) => [
      ...["play", "--rooms", 50, "--members", 4, "--window", window, "--seconds", seconds],
    ],
    rows: [{ key: "cpu_us", label: "a delivery, rooms of 4, saturated", unit: "µs", group: cpu }],
  },
  {
    name: "rooms-of-10",
    load: ({ seconds, window }) => [
      ...["play", "--rooms", 20, "--members", 10, "--window", window, "--seconds", seconds],
    ],
    rows: [{ key: "cpu_us", label: "a delivery, rooms of 10, saturated", unit: "µs", group: cpu }],
  },
  {
    // 100 members, 50 events a second each, 9 listeners: 45,000 deliveries a second.
    name: "steady",
    load: ({ seconds }) => ["play", "--rooms", 10, "--members", 10, "--rate", 50, "--seconds", seconds],
    rows: [{ key: "cpu_us", label: "a delivery, rooms of 10, 45,000 a second", unit: "µs", group: cpu }],
  },
  {
    name: "bands",
    load: ({ seconds }) => ["play", "--rooms", 200, "--members", 4, "--rate", 20, "--seconds", seconds],
    rows: [
      { key: "cpu_us", label: "a delivery, 200 rooms of 4, 20 events a second each", unit: "µs", group: cpu },
      { key: "p50_us", label: "median, 200 rooms of 4", unit: "µs", group: "Latency" },
      { key: "p99_us", label: "99th percentile, 200 rooms of 4", unit: "µs", group: "Latency" },
    ],
  },
  {
    name: "connect",
    load: () => ["connect"],
    rows: [{ key: "cpu_us", label: "a connection, joined to the namespace", unit: "µs", group: cpu }],
  },
  {
    name: "cycle",
    load: () => ["cycle"],
    rows: [{ key: "cpu_us", label: "joining a room and leaving it", unit: "µs", group: cpu }],
  },
  {
    name: "life",
    load: () => ["life"],
    rows: [{ key: "cpu_us", label: "a room's whole life with two connections", unit: "µs", group: cpu }],
  },
  {
    name: "idle",
    load: ({ server, pid }) => ["idle", ...(server.collectsGarbage ? ["--settle-pid", pid] : [])],
    rows: [
      { key: "connection_bytes", label: "an idle connection, joined", unit: "KiB", group: "Memory" },
      { key: "room_bytes", label: "a room of 4, beyond its connections", unit: "KiB", group: "Memory" },
      { key: "start_bytes", label: "at start", unit: "MiB", group: "Memory" },
    ],
  },
];

const scales = { µs: 1, ms: 1000, KiB: 1024, MiB: 1024 * 1024 };

/** A measured value in the unit of its row, as a person reads it. */
export function inUnit(value, { unit }) {
  if (unit === "µs" && value >= 9950) return inUnit(value, { unit: "ms" });
  const scaled = value / scales[unit];
  const digits = scaled >= 99.5 ? 0 : scaled >= 9.95 ? 1 : 2;
  return `${scaled.toFixed(digits)} ${unit}`;
}
