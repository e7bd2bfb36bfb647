// Secrets of the protocol, as the page shows them: with stars, of which there are as many as there
// were characters. Who reads a screenshot of the chart must not be able to act as its musicians.

const token = /("resumeToken"\s*:\s*")((?:[^"\\]|\\.)*)/g;
const session = /^(0\{"sid":")([^"]*)/;
const connect = /^(40(?:\/[^,]*,)?)([\s\S]+)$/;

type Hide = (secret: string) => string;
const stars: Hide = (secret) => '*'.repeat(secret.length);

/** The text of a frame without its secrets: ids of connections, and what a CONNECT shows. */
export function withoutSecrets(frame: string, isUp: boolean, hide = stars): string {
  const hideAfter = (_: string, before: string, secret: string) => before + hide(secret);
  if (frame.startsWith('40'))
    return frame.replace(connect, (_, before: string, json: string) => before + hideIn(json, isUp, hide));
  if (frame.startsWith('0{')) return frame.replace(session, hideAfter);
  const isEvent = frame.startsWith('4') && frame.includes('"resumeToken"');
  return isEvent ? frame.replace(token, hideAfter) : frame;
}

/** Of a client, any text may be a secret; of the server, all but the public id. */
function hideIn(json: string, isUp: boolean, hide: Hide): string {
  const replace = (value: unknown, name = ''): unknown => {
    if (typeof value === 'string') return name === 'sid' && !isUp ? value : hide(value);
    if (Array.isArray(value)) return value.map((each) => replace(each));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([of, each]) => [of, replace(each, of)]));
  };
  try {
    return JSON.stringify(replace(JSON.parse(json)));
  } catch {
    return hide(json);
  }
}
