// Fresh projects outside the repository, which install the packed package as its users do.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
// DOWNBEAT_NPM names the package if it was built elsewhere.
export const built =
  process.env.DOWNBEAT_NPM ??
  fileURLToPath(new URL('../../../build/wasm-release/npm', import.meta.url));

// A Node that runs tests in a test would report to ours.
const env = { ...process.env };
delete env.NODE_TEST_CONTEXT;

const folders = [];
process.on('beforeExit', async () => {
  await Promise.all(folders.splice(0).map((path) => rm(path, { recursive: true, force: true })));
});

let packed;

/** The path of the tarball. */
function tarball() {
  return (packed ??= pack());
}

async function pack() {
  const folder = await makeFolder('pack');
  const { stdout } = await execute('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: built,
  });
  return join(folder, JSON.parse(stdout)[0].filename);
}

async function makeFolder(name) {
  const folder = await mkdtemp(join(tmpdir(), `downbeat-${name}-`));
  folders.push(folder);
  return folder;
}

/** A folder with a package.json, with the package and these other packages installed. */
export class Project {
  static async create(dependencies = { 'socket.io-client': '4.8.4' }) {
    const project = new Project();
    project.folder = await makeFolder('project');
    await project.write('package.json', JSON.stringify({ private: true, type: 'module' }));
    const packages = Object.entries(dependencies).map(([name, version]) => `${name}@${version}`);
    await project.run(
      'npm',
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      await tarball(),
      ...packages,
    );
    return project;
  }

  path(...parts) {
    return join(this.folder, ...parts);
  }

  async write(name, text) {
    await mkdir(dirname(this.path(name)), { recursive: true });
    await writeFile(this.path(name), text);
  }

  /** Copies a file or folder of ours into the project. */
  async copy(from, to = '.') {
    await cp(from, this.path(to), { recursive: true });
  }

  /** Runs a command; its output is in the error if it fails. */
  async run(command, ...args) {
    try {
      return await execute(command, args, { cwd: this.folder, env, timeout: 120_000 });
    } catch (error) {
      error.message += `\n${error.stdout}\n${error.stderr}`;
      throw error;
    }
  }

  /** Imports a package as a module of the project would. */
  async import(specifier) {
    const name = `import-${specifier.replaceAll(/\W/g, '-')}.mjs`;
    await this.write(name, `export * from ${JSON.stringify(specifier)};\n`);
    return import(pathToFileURL(this.path(name)));
  }
}
