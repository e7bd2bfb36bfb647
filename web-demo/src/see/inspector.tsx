import type { WireMessage } from './feed';
import { bytesOf, hexDump } from './hex';
import { decode } from './packet';

/** One message, layer by layer, to the byte. */
export function Inspector({
  message,
  lanes,
}: {
  message: WireMessage | undefined;
  lanes: string[];
}) {
  if (!message || message.kind === 'event') {
    return <p class="hint inspector-hint">Choose a message to see its layers and bytes.</p>;
  }
  const bytes = bytesOf(message.kind, message.frame);
  const decoded = message.kind === 'text' ? decode(message.frame) : { engine: 'message (binary)' };
  return (
    <div class="inspector">
      <h3>
        {lanes[message.lane]} {message.isUp ? '→ server' : '← server'}, {bytes.length} bytes
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
          {JSON.stringify(decoded.payload, null, 2)}
        </pre>
      )}
      <pre class="bytes" tabIndex={0} role="region" aria-label="Bytes">
        {hexDump(bytes)}
      </pre>
    </div>
  );
}
