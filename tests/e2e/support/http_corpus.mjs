// Bytes that break HTTP/1.1 (RFC 9112) or the handshake of a WebSocket (RFC 6455, 4), and some that
// only look as if they did; each with the answer that the RFC gives.
//
// `node` says why Node's own http server, with its strict parser, answers otherwise; `ws` the same
// of the npm package ws. Without it they agree with the RFC, and are asked in the same test.

const post = (fields, body = '') => `POST /nowhere HTTP/1.1\r\nHost: a\r\n${fields}\r\n${body}`;
const chunked = (body) => post('Transfer-Encoding: chunked\r\n', body);
const line = (first, host = 'Host: a\r\n') => `${first}\r\n${host}\r\n`;
const get = (fields) => `GET /healthz HTTP/1.1\r\n${fields}\r\n`;

/** Refused with this status, and nothing behind it is read. */
export const violations = [
  // Where a message ends.
  ['6.3: the final coding is not chunked', post('Transfer-Encoding: gzip\r\n'), 400],
  ['6.3: identity', post('Transfer-Encoding: identity\r\n'), 400],
  ['6.3: a coding that resembles chunked', post('Transfer-Encoding: xchunked\r\n'), 400],
  ['6.3: gzip behind chunked', post('Transfer-Encoding: chunked, gzip\r\n'), 400],
  [
    '6.1: chunked twice, in two lines',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    400,
  ],
  ['6.1: chunked twice', post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n'), 400],
  [
    '6.1: a coding that is not known',
    post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'),
    501,
    { node: 'it gives the coded body to the application' },
  ],
  ['7.1: chunked has no parameters', post('Transfer-Encoding: chunked;x=1\r\n', '0\r\n\r\n'), 400],
  ['7: a coding is a token', post('Transfer-Encoding: "chunked"\r\n', '0\r\n\r\n'), 400],
  [
    '6.3: with a length',
    post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    400,
  ],
  [
    '6.1: chunked in HTTP/1.0',
    'POST /nowhere HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  ['6.3: a length with a sign', post('Content-Length: +5\r\n', 'hello'), 400],
  ['6.3: a negative length', post('Content-Length: -5\r\n', 'hello'), 400],
  ['6.3: a hexadecimal length', post('Content-Length: 0x5\r\n', 'hello'), 400],
  ['6.3: a length as a list', post('Content-Length: 5, 5\r\n', 'hello'), 400],
  ['6.3: two lengths', post('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello'), 400],
  ['6.3: one length twice', post('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello'), 400],
  ['6.3: no length', post('Content-Length: \r\n'), 400],
  ['6.3: more than any length', post('Content-Length: 99999999999999999999\r\n'), 400],
  // Lines.
  ['2.2: LF instead of CRLF', 'GET /healthz HTTP/1.1\nHost: a\n\n', 400],
  ['2.2: LF at the end of one line', get('Host: a\nX: y\r\n'), 400],
  ['2.2: CR without LF', get('Host: a\r\nX: y\rz\r\n'), 400],
  ['2.2: blanks before the first field', get(' X: y\r\nHost: a\r\n'), 400],
  ['5.2: a folded value', get('Host: a\r\nX: y\r\n z\r\n'), 400],
  ['5.1: a blank before the colon', get('Host: a\r\nX : y\r\n'), 400],
  ['5: a line without a colon', get('Host: a\r\nX\r\n'), 400],
  ['5: a field without a name', get('Host: a\r\n: y\r\n'), 400],
  ['5: a name that is no token', get('Host: a\r\nX(y): z\r\n'), 400],
  ['5.5: NUL in a value', get('Host: a\r\nX: \0\r\n'), 400],
  ['5.5: a control character in a value', get('Host: a\r\nX: \x0b\r\n'), 400],
  // The request line.
  ['3.1: a method that is no token', line('G(T /healthz HTTP/1.1'), 400],
  ['3: two blanks', line('GET  /healthz HTTP/1.1'), 400, { node: 'it takes any number of them' }],
  ['3: a blank at the end', line('GET /healthz HTTP/1.1 '), 400],
  ['3.2: a blank in the target', line('GET /a b HTTP/1.1'), 400],
  ['3.2: a fragment', line('GET /a#b HTTP/1.1'), 400, { node: 'it passes it on' }],
  ['3.2.1: a path without a slash', line('GET healthz HTTP/1.1'), 400],
  ['3.2.3: an authority with another method', line('GET a:80 HTTP/1.1'), 400],
  ['3.2.4: a star with another method', line('GET * HTTP/1.1'), 400, { node: 'it passes it on' }],
  ['2.3: HTTP/0.9', 'GET /healthz\r\n', 400],
  ['2.3: a version in small letters', line('GET /healthz http/1.1'), 400],
  ['2.3: another version', line('GET /healthz HTTP/3.0'), 505],
  ['3.2: a target too long', line(`GET /${'a'.repeat(100_000)} HTTP/1.1`), 414],
  ['RFC 6585, 5: fields too large', get(`Host: a\r\nX: ${'a'.repeat(100_000)}\r\n`), 431],
  // The Host field.
  ['3.2: no Host', get(''), 400],
  ['3.2: two Hosts', get('Host: a\r\nHost: b\r\n'), 400, { node: 'it takes the first' }],
  ['3.2: a Host with a blank', get('Host: a b/c\r\n'), 400, { node: 'it does not look' }],
  ['3.2: a Host with a user', get('Host: user@a\r\n'), 400, { node: 'it does not look' }],
  ['3.2: a Host with no port', get('Host: a:b\r\n'), 400, { node: 'it does not look' }],
  // Chunks. The server answers 404 for this path before the body has come, and sends nothing after
  // that.
  ['7.1: no size', chunked('\r\n\r\n'), 404],
  ['7.1: a negative size', chunked('-3\r\nabc\r\n0\r\n\r\n'), 404],
  ['7.1: a size with a prefix', chunked('0x3\r\nabc\r\n0\r\n\r\n'), 404],
  ['7.1: more than any size', chunked('10000000000000000\r\n'), 404],
  ['7.1: data that is too long', chunked('3\r\nabcd\r\n0\r\n\r\n'), 404],
  ['7.1: a size that ends with LF', chunked('3\nabc\r\n0\r\n\r\n'), 404],
  ['7.1.1: an extension that ends with LF', chunked('3;a\nabc\r\n0\r\n\r\n'), 404],
  ['7.1.1: LF in a quoted extension', chunked('3;a="\n"\r\nabc\r\n0\r\n\r\n'), 404],
  ['7.1.2: a trailer without a colon', chunked('0\r\nX\r\n\r\n'), 404],
];

/** Read as one request with this status; the request behind it is answered, too. */
export const oddities = [
  ['7: a coding in other letters', post('Transfer-Encoding: CHUNKED\r\n', '0\r\n\r\n'), 404],
  ['7.1: zeros before a size', chunked('003\r\nabc\r\n000\r\n\r\n'), 404],
  ['7.1.1: extensions', chunked('3;a;b=c;d="e"\r\nabc\r\n0\r\n\r\n'), 404],
  ['7.1.2: trailers', chunked('3\r\nabc\r\n0\r\nX: y\r\n\r\n'), 404],
  ['6.2: a body that looks like a request', post('Content-Length: 18\r\n', 'GET / HTTP/1.1\r\n\r\n'), 404],
  ['2.2: an empty line before a request', `\r\n${get('Host: a\r\n')}`, 200],
  ['3.2.2: a target in absolute form', line('GET http://b/healthz HTTP/1.1'), 200],
  ['5: a value beyond ASCII', get('Host: a\r\nX: \xe4\r\n'), 200],
  ['5: a field without a value', get('Host: a\r\nX:\r\n'), 200],
  ['3.2: a Host without a name', get('Host:\r\n'), 200],
  ['9.3: other options', get('Host: a\r\nConnection: x\r\nConnection: y\r\n'), 200],
];

const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const version = 'Sec-WebSocket-Version: 13\r\n';
const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
const target = '/socket.io/?EIO=4&transport=websocket';
const shake = (fields, first = `GET ${target} HTTP/1.1`) => `${first}\r\nHost: a\r\n${fields}\r\n`;

/** Handshakes, and the status that answers them. */
export const handshakes = [
  ['as it should be', shake(upgrade + version + key), 101],
  ['4.2.1: tokens in other letters', shake(`connection: UPGRADE\r\nupgrade: WebSocket\r\n${version}${key}`), 101],
  ['4.2.1: among other tokens', shake(`Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n${version}${key}`), 101],
  ['4.2.1: in two lines', shake(`Connection: keep-alive\r\n${upgrade}${version}${key}`), 101],
  ['4.2.2: with a subprotocol', shake(`${upgrade}${version}${key}Sec-WebSocket-Protocol: x, y\r\n`), 101],
  ['4.2.1: no key', shake(upgrade + version), 400],
  ['4.2.1: a key that is too short', shake(`${upgrade}${version}Sec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\n`), 400],
  ['4.2.1: a key that is no base64', shake(`${upgrade}${version}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j!Q==\r\n`), 400],
  ['4.1: two keys', shake(upgrade + version + key + key), 400],
  ['4.4: no version', shake(upgrade + key), 426],
  ['4.4: another version', shake(`${upgrade}${key}Sec-WebSocket-Version: 12\r\n`), 426],
  ['4.1: two versions', shake(upgrade + version + version + key), 400],
  ['4.2.1: another method', shake(`${upgrade}${version}${key}Content-Length: 0\r\n`, `POST ${target} HTTP/1.1`), 400],
  ['4.2.1: HTTP/1.0', shake(upgrade + version + key, `GET ${target} HTTP/1.0`), 400, { ws: 'it does not look' }],
  ['4.1: an empty list of subprotocols', shake(`${upgrade}${version}${key}Sec-WebSocket-Protocol: \r\n`), 400],
  ['4.1: a subprotocol twice', shake(`${upgrade}${version}${key}Sec-WebSocket-Protocol: x, x\r\n`), 400],
  ['4.1: a subprotocol that is no token', shake(`${upgrade}${version}${key}Sec-WebSocket-Protocol: x y\r\n`), 400],
];
