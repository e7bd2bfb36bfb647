import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Codes look like this, but none is. */
const sample = 'CODE-00000';

/** What the page's modules ask the browser for before anything is drawn. The connection never opens. */
const browser = `
const matchMedia = () => ({ matches: false, addEventListener() {} });
const addEventListener = () => {};
const document = { addEventListener, documentElement: { dataset: {} } };
const location = { origin: 'http://localhost', hostname: 'localhost', pathname: '/j/${sample}', search: '', hash: '' };
const history = { replaceState() {} };
const WebSocket = class {};
const XMLHttpRequest = class {};
const given = { matchMedia, addEventListener, document, location, history, WebSocket, window: globalThis };
given.navigator = { requestMIDIAccess() {}, userAgent: '' };
for (const [name, value] of Object.entries(given))
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
`;

const program = `
import { invitationMarkup } from './invitation-page';
process.stdout.write(invitationMarkup(), () => process.exit());
`;

/** The markup of an invitation to `{{code}}`, as the page's scripts find it: they draw the same. */
export async function prerenderInvitation(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: fileURLToPath(new URL('src', import.meta.url)) },
    bundle: true,
    format: 'esm',
    write: false,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    banner: { js: browser },
    plugins: [
      {
        // What is loaded later is not drawn here.
        name: 'without-dynamic-imports',
        setup: ({ onResolve }) =>
          onResolve({ filter: /./ }, ({ kind, path }) =>
            kind === 'dynamic-import' ? { path, external: true } : undefined,
          ),
      },
    ],
  });
  const html = execFileSync(process.execPath, ['--input-type=module'], {
    input: outputFiles[0]!.text,
    encoding: 'utf8',
  });
  if (!html.includes(sample)) throw new Error(`the invitation names no code: ${html}`);
  return html.replaceAll(sample, '{{code}}');
}
