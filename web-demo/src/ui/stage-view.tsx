import type { Stage } from '../jam/stage';
import { See } from '../see/see-view';
import { ComputerKeys } from './computer-keys';
import { DeviceCard } from './device-card';
import { LinkControls } from './link-controls';
import { ScoreView } from './score-view';
import { TimeControls } from './time-controls';

export function StageView({ stage }: { stage: Stage }) {
  const places = stage.places.value;
  const hasRobots = places.some(({ device }) => device.isRobot);
  return (
    <>
      <ComputerKeys find={() => stage.activeDevice} />
      <section class="intro" aria-label="The stage">
        <div>
          <h1>A whole jam, server and all, in this tab</h1>
          <p>
            The production server, written in C++, runs <strong>inside this page</strong>. Every
            card is a musician’s device with a Socket.IO client of its own. Nothing leaves the tab:
            cut the network and play on.
          </p>
        </div>
        {hasRobots ? (
          <button type="button" class="start" onClick={() => stage.dismissRobots()}>
            Send the robots home
          </button>
        ) : (
          <button type="button" class="start primary" onClick={() => stage.startJam()}>
            Start a jam with robots
          </button>
        )}
      </section>
      <ScoreView score={stage.score} />
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
        <div class="more" role="group" aria-label="More musicians">
          <button type="button" disabled={!stage.hasRoom} onClick={() => stage.addDevice()}>
            Add a device
          </button>
          <button type="button" disabled={!stage.hasRoom} onClick={() => stage.addRobot()}>
            Add a robot
          </button>
        </div>
      </section>
      <See walk={stage.walk} time={<TimeControls stage={stage} />} />
    </>
  );
}
