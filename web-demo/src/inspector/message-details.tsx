import type { WireMessage } from '../wire/message-log';
import { bytesOf, hexDump } from '../wire/hex';
import { decode } from '../wire/packet';

/** The most that is shown of a large message, so that the page stays fast. */
const mostBytes = 16 * 1024;
const mostLetters = 20_000;

/** One message by layers, and its bytes. */
export function MessageDetails({
  message,
  lanes,
}: {
  message: WireMessage | undefined;
  lanes: string[];
}) {
  if (!message || message.kind === 'event') {
    return <p class="hint message-details-hint">Select a message to see its layers and bytes.</p>;
  }
  const bytes = bytesOf(message.kind, message.frame);
  const decoded = message.kind === 'text' ? decode(message.frame) : { engine: 'message (binary)' };
  const { travelMs } = message;
  return (
    <div class="message-details">
      <h3>
        {lanes[message.lane]} {message.isUp ? '→ server' : '← server'}, {bytes.length} bytes
        {travelMs !== undefined && `, ${travelMs} ms on its way`}
      </h3>
      <dl>
        <dt>Engine.IO</dt>
        <dd>{decoded.engine}</dd>
        {'socket' in decoded && decoded.socket && (
          <>
            <dt>Socket.IO</dt>
            <dd>
              {decoded.socket} in {decoded.namespace}
              {decoded.ackId === undefined ? '' : `, acknowledgement ${decoded.ackId}`}
            </dd>
          </>
        )}
        {'event' in decoded && decoded.event && (
          <>
            <dt>Event</dt>
            <dd>{decoded.event}</dd>
          </>
        )}
      </dl>
      {'payload' in decoded && decoded.payload !== undefined && (
        <pre tabIndex={0} role="region" aria-label="Payload">
          {cut(JSON.stringify(decoded.payload, null, 2))}
        </pre>
      )}
      <pre class="bytes" tabIndex={0} role="region" aria-label="Bytes">
        {hexDump(bytes.subarray(0, mostBytes))}
        {bytes.length > mostBytes && `\n… and ${bytes.length - mostBytes} more bytes`}
      </pre>
    </div>
  );
}

function cut(text: string): string {
  const rest = text.length - mostLetters;
  return rest > 0 ? `${text.slice(0, mostLetters)}\n… and ${rest} more characters` : text;
}
