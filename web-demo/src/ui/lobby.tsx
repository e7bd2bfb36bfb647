import { useEffect, useState } from 'preact/hooks';
import type { Device } from '../device/device';
import { InstrumentChoice } from './instrument-choice';
import { NameField } from './name-field';

/** Before a session: name and instrument, then create or join. */
export function Lobby({
  device,
  suggestedCode,
  isMain,
  hasInstruments = true,
}: {
  device: Device;
  suggestedCode?: string | undefined;
  /** Whether its button is the main one of the page. */
  isMain: boolean;
  hasInstruments?: boolean;
}) {
  const [code, setCode] = useState(suggestedCode ?? '');
  useEffect(() => {
    if (suggestedCode) setCode(suggestedCode);
  }, [suggestedCode]);
  const canAsk = device.connection.value === 'connected' && !device.isBusy.value;
  const hasCode = code.trim() !== '';
  const hasName = device.name.value.trim() !== '';
  return (
    <form
      class="lobby"
      onSubmit={(event) => {
        event.preventDefault();
        if (!canAsk || !hasName) return;
        if (hasCode) device.join(codeToSend(code));
        else device.create();
      }}
    >
      <NameField device={device} />
      {hasInstruments && <InstrumentChoice device={device} />}
      <div class="doors">
        {/* Enter presses the submit button: Join if a code was typed, else Create. */}
        <button
          type={hasCode ? 'button' : 'submit'}
          class={isMain && !hasCode ? 'primary' : ''}
          disabled={!canAsk || !hasName}
          onClick={hasCode ? () => device.create() : undefined}
        >
          Create a session
        </button>
        <div class="join">
          <label class="field">
            <span>Code</span>
            <input
              class="code-input"
              value={code}
              maxLength={200}
              autocomplete="off"
              autocapitalize="characters"
              spellcheck={false}
              placeholder="FUNKY-42"
              onInput={(event) => setCode(event.currentTarget.value)}
            />
          </label>
          <button
            type={hasCode ? 'submit' : 'button'}
            class={isMain && hasCode ? 'primary' : ''}
            disabled={!canAsk || !hasName || !hasCode}
          >
            Join
          </button>
        </div>
      </div>
      {(hasInstruments || !hasName) && (
        <p class="hint">{hasName ? ' ' : 'Type a name first.'}</p>
      )}
    </form>
  );
}

/** The code as typed, for the server to read, or the code in a pasted link. */
function codeToSend(typed: string): string {
  const inPath = /\/j\/([^/?#]+)/.exec(typed)?.[1];
  return inPath ?? typed.slice(typed.indexOf('#') + 1);
}
