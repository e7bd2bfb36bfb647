import { useEffect, useState } from 'preact/hooks';
import type { Device } from '../jam/device';
import { InstrumentChoice } from './instrument-choice';

/** Before a session: who one is, and which session it is to be. */
export function Lobby({
  device,
  suggestedCode,
  isMain,
}: {
  device: Device;
  suggestedCode?: string | undefined;
  /** Whether nothing else on the page is the way to begin. */
  isMain: boolean;
}) {
  const [code, setCode] = useState(suggestedCode ?? '');
  useEffect(() => {
    if (suggestedCode) setCode(suggestedCode);
  }, [suggestedCode]);
  const canAsk = device.connection.value === 'connected' && !device.isBusy.value;
  const hasName = device.name.value.trim() !== '';
  return (
    <form
      class="lobby"
      onSubmit={(event) => {
        event.preventDefault();
        if (!canAsk || !hasName) return;
        if (code.trim()) device.join(code);
        else device.create();
      }}
    >
      <label class="field">
        <span>Your name</span>
        <input
          value={device.name.value}
          maxLength={32}
          autocomplete="nickname"
          placeholder="What others see"
          onInput={(event) => (device.name.value = event.currentTarget.value)}
        />
      </label>
      <InstrumentChoice device={device} />
      <div class="doors">
        <button
          type="button"
          class={isMain && !code.trim() ? 'primary' : ''}
          disabled={!canAsk || !hasName}
          onClick={() => device.create()}
        >
          Create a session
        </button>
        <div class="join">
          <label class="field">
            <span>Code</span>
            <input
              class="code-input"
              value={code}
              maxLength={20}
              autocomplete="off"
              autocapitalize="characters"
              spellcheck={false}
              placeholder="FUNKY-42"
              onInput={(event) => setCode(event.currentTarget.value)}
            />
          </label>
          <button
            type="submit"
            class={isMain && code.trim() ? 'primary' : ''}
            disabled={!canAsk || !hasName || code.trim() === ''}
          >
            Join
          </button>
        </div>
      </div>
      <p class="hint">{hasName ? ' ' : 'Type a name first.'}</p>
    </form>
  );
}
