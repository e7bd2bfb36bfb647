import { See } from '../see/see-view';
import type { Stage } from '../jam/stage';
import { ComputerKeys } from './computer-keys';
import { DeviceCard } from './device-card';
import { LinkControls } from './link-controls';
import { TimeControls } from './time-controls';

export function StageView({ stage }: { stage: Stage }) {
  const places = stage.places.value;
  return (
    <>
      <ComputerKeys find={() => stage.activeDevice} />
      <section class="intro" aria-label="The stage">
        <p>
          The production server, written in C++, runs <strong>inside this tab</strong>. Every card
          is a device with a Socket.IO client of its own.
        </p>
        <div class="actions">
          <button
            type="button"
            class="primary"
            disabled={places.length > 1}
            onClick={() => stage.startJam()}
          >
            Start a jam with robots
          </button>
          <button type="button" disabled={!stage.hasRoom} onClick={() => stage.addDevice()}>
            Add a device
          </button>
          <button type="button" disabled={!stage.hasRoom} onClick={() => stage.addRobot()}>
            Add a robot
          </button>
        </div>
      </section>
      <section class={`stage ${places.length === 1 ? 'alone' : ''}`} aria-label="Devices">
        {places.map((place) => (
          <DeviceCard
            key={place.device.key}
            device={place.device}
            suggestedCode={stage.code}
            isActive={stage.active.value === place.device.key}
            onActive={() => (stage.active.value = place.device.key)}
            onRemove={places.length > 1 ? () => stage.remove(place) : undefined}
          >
            <LinkControls place={place} onPlug={(isPlugged) => stage.plug(place, isPlugged)} />
          </DeviceCard>
        ))}
      </section>
      <See walk={stage.walk} time={<TimeControls stage={stage} />} />
    </>
  );
}
