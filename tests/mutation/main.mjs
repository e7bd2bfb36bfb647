// Plants each bug of mutations.txt in a copy of the project, builds the test suites there and runs
// them. See `run` in the same folder.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const copy = join(root, "build/mutation/copy");
const tree = join(root, "build/mutation/tree");
const jobs = process.env.CMAKE_BUILD_PARALLEL_LEVEL ?? "2";
const patience_ms = 300_000;

// The fastest first.
const core_suites = [
  { name: "golden", target: "golden_tests", words: [] },
  { name: "simulation", target: "simulate", words: ["--seeds", "1-6", "--steps", "20000"] },
  { name: "simulation in three shards", target: "simulate",
    words: ["--seeds", "1-3", "--steps", "20000", "--shards", "3"] },
  { name: "simulation with a journal", target: "simulate",
    words: ["--seeds", "1-10", "--steps", "3000", "--shards", "2", "--journal", "host"] },
  { name: "simulation of several nodes", target: "simulate",
    words: ["--nodes", "yes", "--seeds", "10-15", "--steps", "3000", "--grace", "2"] },
  { name: "core", target: "core_tests", words: ["--abort"] },
  { name: "core in three shards", target: "core_tests", words: ["--abort"],
    environment: { DOWNBEAT_TEST_SHARDS: "3" } },
];
const host_suites = [{ name: "host", target: "host_tests", words: ["--abort"] }];

function suites_for(mutations) {
  const is_core = (m) => m.file.startsWith("core/");
  return [...(mutations.some(is_core) ? core_suites : []),
    ...(mutations.every(is_core) ? [] : host_suites)];
}

function read_mutations() {
  const mutations = [];
  for (const line of readFileSync(join(root, "tests/mutation/mutations.txt"), "utf8").split("\n")) {
    const current = mutations.at(-1);
    if (line.startsWith("## ")) {
      mutations.push({ breaks: line.slice(3), file: "", before: [], after: [] });
    } else if (current === undefined || line === "" || line.startsWith("#")) {
      // a comment, or the space between two
    } else if (line.startsWith("-")) {
      current.before.push(line.slice(1));
    } else if (line.startsWith("+")) {
      current.after.push(line.slice(1));
    } else {
      current.file = line;
    }
  }
  return mutations.map((m) => ({ ...m, before: m.before.join("\n"), after: m.after.join("\n") }));
}

/// Why a mutation cannot be planted, or nothing.
function error_of(mutation) {
  const path = join(root, mutation.file);
  if (!existsSync(path)) return `there is no ${mutation.file}`;
  const times = readFileSync(path, "utf8").split(mutation.before).length - 1;
  return times === 1 ? undefined : `its text stands ${times} times in ${mutation.file}`;
}

// Copies files under version control, and only those that have changed, so that the rest stays
// built.
function refresh_copy() {
  const files = execFileSync("git", ["-C", root, "ls-files", "-z", "--cached", "--others",
    "--exclude-standard"], { encoding: "utf8", maxBuffer: 1 << 26 }).split("\0").filter(Boolean);
  for (const file of files) {
    const from = join(root, file);
    const to = join(copy, file);
    if (!existsSync(from) || !statSync(from).isFile()) continue;
    if (existsSync(to) && readFileSync(from).equals(readFileSync(to))) continue;
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to);
  }
}

function build(suites) {
  const targets = new Set(suites.map((suite) => suite.target));
  return spawnSync("cmake", ["--build", tree, "-j", jobs, "--target", ...targets],
    { encoding: "utf8", maxBuffer: 1 << 28 });
}

/// Runs a suite. Returns whether it fails, with the lines of its output that say so.
function run(suite) {
  const done = spawnSync(join(tree, "bin", suite.target), suite.words,
    { encoding: "utf8", maxBuffer: 1 << 28, timeout: patience_ms, killSignal: "SIGKILL",
      env: { ...process.env, ...suite.environment } });
  return done.status !== 0;
}

function configure() {
  // An unoptimized build compiles fast, but its tests run too long.
  const done = spawnSync("cmake", ["-S", copy, "-B", tree, "-G", "Ninja",
    "-D", "CMAKE_BUILD_TYPE=Debug", "-D", "CMAKE_CXX_FLAGS=-O1 -g0"], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(done.stdout + done.stderr);
}

function plant(mutation) {
  const path = join(copy, mutation.file);
  const sound = readFileSync(path, "utf8");
  writeFileSync(path, sound.replace(mutation.before, () => mutation.after));
  try {
    const suites = suites_for([mutation]);
    const built = build(suites);
    if (built.status !== 0) return { error: `it does not compile:\n${built.stdout.slice(-2000)}` };
    return { caught: suites.filter(run).map((suite) => suite.name) };
  } finally {
    writeFileSync(path, sound);
  }
}

const { values: wish } = parseArgs({ options: {
  check: { type: "boolean", default: false },
  only: { type: "string", default: "" },
  part: { type: "string", default: "1/1" },
} });
const is_check = wish.check;
const [part, parts] = wish.part.split("/").map(Number);
const mutations = read_mutations()
  .filter((m) => m.breaks.includes(wish.only) || m.file.includes(wish.only))
  .filter((_, i) => i % parts === part - 1);
if (mutations.length === 0) {
  console.log("There is no such bug.");
  process.exit(2);
}

const flawed = mutations.filter((m) => error_of(m) !== undefined);
for (const m of flawed) console.log(`CANNOT BE PLANTED: ${m.breaks}: ${error_of(m)}`);
if (is_check || flawed.length > 0) {
  console.log(`${mutations.length - flawed.length} passed, ${flawed.length} failed`);
  process.exit(flawed.length === 0 ? 0 : 1);
}

refresh_copy();
configure();
const suites = suites_for(mutations);
const built = build(suites);
if (built.status !== 0) {
  console.log(built.stdout.slice(-4000));
  process.exit(2);
}
const unsound = suites.filter(run);
if (unsound.length > 0) {
  console.log(`Without any bug, these fail: ${unsound.map((suite) => suite.name).join(", ")}`);
  process.exit(2);
}

let caught = 0;
let missed = 0;
for (const mutation of mutations) {
  const result = plant(mutation);
  if (result.error !== undefined) {
    console.log(`CANNOT BE PLANTED: ${mutation.breaks}: ${result.error}`);
    ++missed;
  } else if (result.caught.length === 0) {
    console.log(`NOT CAUGHT: ${mutation.breaks}`);
    ++missed;
  } else {
    console.log(`caught by ${result.caught.join(", ")}: ${mutation.breaks}`);
    ++caught;
  }
}
console.log(`${caught} passed, ${missed} failed`);
process.exit(missed === 0 ? 0 : 1);
