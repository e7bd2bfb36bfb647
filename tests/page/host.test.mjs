// How `downbeat serve` sends the built page: compressed, cached, and under its policy.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, it } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

import { startServer } from './support/server.mjs';

describe('The page as it is served', () => {
  let server;
  before(async () => (server = await startServer()));
  after(() => server?.stop());

  /** Unlike fetch, it takes nothing off and puts nothing on. */
  async function get(path, headers = {}) {
    const [response] = await new Promise((resolve, reject) => {
      http.get(new URL(path, server.url), { headers }, (...got) => resolve(got)).on('error', reject);
    });
    const body = Buffer.concat(await response.toArray());
    return { status: response.statusCode, headers: response.headers, body };
  }

  /** The paths of everything that the page names. */
  async function assets() {
    const { body } = await get('/');
    return [...String(body).matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
  }

  it('is the same in every encoding', async () => {
    for (const path of ['/', '/tab/', '/offline.js', ...(await assets())]) {
      const plain = await get(path);
      assert.equal(plain.status, 200);
      assert.equal(plain.headers['content-encoding'], undefined);
      if (path.endsWith('.woff2')) continue; // it is compressed by itself
      const br = await get(path, { 'Accept-Encoding': 'gzip, deflate, br' });
      assert.equal(br.headers['content-encoding'], 'br', path);
      assert.deepEqual(brotliDecompressSync(br.body), plain.body);
      const gzip = await get(path, { 'Accept-Encoding': 'gzip' });
      assert.equal(gzip.headers['content-encoding'], 'gzip', path);
      assert.deepEqual(gunzipSync(gzip.body), plain.body);
      for (const { headers } of [plain, br, gzip]) assert.equal(headers.vary, 'Accept-Encoding');
      assert.equal(br.headers['content-type'], plain.headers['content-type']);
    }
  });

  it('is kept for good where its name has a hash, and asked for again elsewhere', async () => {
    for (const path of await assets()) {
      const { headers } = await get(path);
      assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable', path);
    }
    for (const path of ['/', '/offline.js', '/theme.js', '/manifest.webmanifest', '/build.json']) {
      const first = await get(path, { 'Accept-Encoding': 'br' });
      assert.equal(first.headers['cache-control'], 'no-cache', path);
      const second = await get(path, {
        'Accept-Encoding': 'br',
        'If-None-Match': first.headers.etag,
      });
      assert.equal(second.status, 304, path);
      assert.equal(second.body.length, 0);
    }
  });

  it('invites to a session with a title and a preview of its own', async () => {
    const { status, headers, body } = await get('/j/FUNKY-42', { 'Accept-Encoding': 'br' });
    assert.equal(status, 200);
    assert.equal(headers['cache-control'], 'no-cache');
    assert.equal(headers['content-encoding'], undefined);
    const page = String(body);
    for (const tag of ['<title>', 'property="og:title" content="', 'name="description" content="'])
      assert.match(page, new RegExp(`${tag}[^<"]*FUNKY-42`));
    assert.match(page, /property="og:image" content="\/icons\/512\.png"/);
    assert.doesNotMatch(page, /\{\{/);
    // It is the same page otherwise, but drawn, and with a script that connects at once.
    const scripts = (text) => [...String(text).matchAll(/src="([^"]+)"/g)].map(([, src]) => src);
    const [early, ...others] = scripts(page);
    assert.equal(early, '/invitation.js');
    assert.deepEqual(others, scripts((await get('/')).body));
    assert.match(page, /<div id="page"><.*You are invited to.*FUNKY-42/);
    const again = await get('/j/funky-42', { 'If-None-Match': headers.etag });
    assert.equal(again.status, 304);
    const other = await get('/j/FUNKY-43', { 'If-None-Match': headers.etag });
    assert.equal(other.status, 200);
    const hostile = `/j/${encodeURIComponent('"><script>alert(4242)</script>')}`;
    assert.equal((await get(hostile)).status, 404);
  });

  it('is under the policy that the page itself has, and is in no frame', async () => {
    const { headers, body } = await get('/');
    const [, own] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(body);
    const policy = own.replaceAll('&#39;', "'");
    assert.equal(headers['content-security-policy'], `${policy}; frame-ancestors 'none'`);
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval'? |\*|https?:/);
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
  });
});
